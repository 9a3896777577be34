import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { findWebKitGtk } from '../support/browsers.ts'
import { findFreePort } from '../../tools/static-server.ts'

/** What WebDriver calls an element in its messages. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
const POLL_MS = 50

/** A browser window under WebDriver's control. */
export interface Browser {
  readonly navigate: (url: string) => Promise<void>
  readonly url: () => Promise<string>
  /**
   * Runs a function in the page, with arguments that JSON can carry, and resolves with what it
   * resolves with.
   */
  readonly evaluate: <Arguments extends readonly unknown[], Result>(
    body: (...args: Arguments) => Result | Promise<Result>,
    ...args: Arguments
  ) => Promise<Result>
  readonly type: (selector: string, text: string) => Promise<void>
  readonly click: (selector: string) => Promise<void>
  /** Opens a tab, goes to it, and resolves with its handle. */
  readonly openTab: () => Promise<string>
  readonly switchTo: (handle: string) => Promise<void>
  readonly currentTab: () => Promise<string>
  /** Every window and tab that is open. */
  readonly tabs: () => Promise<readonly string[]>
  readonly screenshot: (file: string) => Promise<void>
  readonly close: () => Promise<void>
}

type Send = (method: string, path: string, body?: unknown) => Promise<unknown>

/** Starts WebKitGTK's driver and one browser; `args` go to the browser. Needs a display. */
export async function launchWebKit(args: readonly string[] = []): Promise<Browser> {
  const found = findWebKitGtk()
  if (!found) throw new Error('WebKitGTK was not found: run `npm run browsers`')
  const port = await findFreePort()
  const driver = spawn(found.driver, [`--port=${port}`], { stdio: 'ignore' })
  const stop = async () => {
    driver.kill()
    if (driver.exitCode === null && driver.signalCode === null) await once(driver, 'exit')
  }
  try {
    const send = createSend(`http://127.0.0.1:${port}`)
    await waitUntil(() => send('GET', '/status').then(Boolean, () => false))
    const { sessionId } = (await send('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          acceptInsecureCerts: true,
          'webkitgtk:browserOptions': { binary: found.browser, args: ['--automation', ...args] },
        },
      },
    })) as { sessionId: string }
    return createBrowser(
      (method, path, body) => send(method, `/session/${sessionId}${path}`, body),
      stop,
    )
  } catch (error) {
    await stop()
    throw error
  }
}

function createSend(base: string): Send {
  return async (method, path, body) => {
    const response = await fetch(base + path, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      // Before the test's own limit, which would not say which command it was.
      signal: AbortSignal.timeout(45_000),
    }).catch((cause: unknown) => {
      throw new Error(`WebDriver ${method} ${path}: no answer`, { cause })
    })
    const { value } = (await response.json()) as { value: unknown }
    if (!response.ok) throw new Error(`WebDriver ${method} ${path}: ${JSON.stringify(value)}`)
    return value
  }
}

function createBrowser(send: Send, stop: () => Promise<void>): Browser {
  async function find(selector: string): Promise<string> {
    let element: Record<string, string> | undefined
    await waitUntil(async () => {
      const using = { using: 'css selector', value: selector }
      const elements = (await send('POST', '/elements', using)) as Record<string, string>[]
      element = elements[0]
      return element !== undefined
    })
    return `/element/${element?.[ELEMENT]}`
  }
  return {
    navigate: async (url) => void (await send('POST', '/url', { url })),
    url: async () => (await send('GET', '/url')) as string,
    evaluate: (body, ...args) => evaluate(send, body.toString(), args),
    type: async (selector, text) => {
      const element = await find(selector)
      await send('POST', `${element}/clear`)
      await send('POST', `${element}/value`, { text })
    },
    click: async (selector) => void (await send('POST', `${await find(selector)}/click`)),
    openTab: async () => {
      const { handle } = (await send('POST', '/window/new', { type: 'tab' })) as { handle: string }
      await send('POST', '/window', { handle })
      return handle
    },
    switchTo: async (handle) => void (await send('POST', '/window', { handle })),
    currentTab: async () => (await send('GET', '/window')) as string,
    tabs: async () => (await send('GET', '/window/handles')) as string[],
    screenshot: async (file) => {
      await writeFile(file, (await send('GET', '/screenshot')) as string, 'base64')
    },
    close: () => send('DELETE', '').then(stop, stop),
  }
}

/**
 * WebDriver tells a script's failure by its message only, so the page catches it and sends what it
 * has.
 */
async function evaluate<Result>(
  send: Send,
  body: string,
  args: readonly unknown[],
): Promise<Result> {
  // What esbuild wraps functions in to keep their names is no function of the page.
  const script = `const done = arguments[arguments.length - 1]
    const __name = (named) => named
    Promise.resolve().then(() => (${body})(...[...arguments].slice(0, -1))).then(
      (value) => done({ value }),
      (error) => done({ problem: String(error) + '\\n' + (error?.stack ?? '') }),
    )`
  const answer = (await send('POST', '/execute/async', { script, args })) as {
    value: Result
    problem?: string
  }
  if (answer.problem !== undefined) throw new Error(`in the page: ${answer.problem}`)
  return answer.value
}

/** Asks until the answer is yes; rejects after ten seconds. */
export async function waitUntil(
  condition: () => Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`)
    await wait(POLL_MS)
  }
}
