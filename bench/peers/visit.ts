// One app in a browser of its own: no cookies and no cache from before.
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppServer } from './app-server.ts'
import type { AppName, Known, Mode } from './apps/bench-app.ts'
import type { BenchServer } from './server.ts'

export interface Stage {
  readonly browser: Browser
  readonly apps: AppServer
  readonly server: BenchServer
}

export interface Visit {
  readonly page: Page
  /** Opens the app, and resolves when it knows whether there is a user. */
  readonly open: () => Promise<Known>
  readonly reload: () => Promise<Known>
  readonly login: () => Promise<Known>
  /** Another tab of the same browser, and its page once it knows the user. */
  readonly openTab: () => Promise<Page>
  /** As after a logout: the server's cookies are gone, and what the app kept. */
  readonly endSession: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function visit({ browser, apps }: Stage, app: AppName, mode: Mode): Promise<Visit> {
  const context: BrowserContext = await browser.newContext({ baseURL: apps.origin })
  let resolve: (known: Known) => void = () => {}
  let reject: (error: Error) => void = () => {}
  await context.exposeBinding('reportKnown', (_source, known: Known) => resolve(known))
  const page = await context.newPage()
  page.on('pageerror', (error) => reject(error))
  const untilKnown = async (step: () => Promise<unknown>): Promise<Known> => {
    const known = new Promise<Known>((...functions) => ([resolve, reject] = functions))
    const timeout = sleep(10_000, undefined, { ref: false }).then(() => {
      throw new Error(`${app}, ${mode}: nothing for ten seconds, at ${page.url()}`)
    })
    const [result] = await Promise.all([Promise.race([known, timeout]), step()])
    return result
  }
  const address = `/${app}/${mode}/`
  const expectUser = async (step: () => Promise<unknown>): Promise<Known> => {
    const known = await untilKnown(step)
    if (known.user !== 'alice') throw new Error(`${app}, ${mode}: nobody is signed in`)
    return known
  }
  return {
    page,
    open: () => untilKnown(() => page.goto(address)),
    reload: () =>
      expectUser(() => (page.url().endsWith(address) ? page.reload() : page.goto(address))),
    login: () => expectUser(() => page.evaluate(() => document.querySelector('button')?.click())),
    openTab: async () => {
      const tab = await context.newPage()
      await expectUser(() => tab.goto(address))
      return tab
    },
    endSession: async () => {
      await context.clearCookies()
      await page.evaluate(() => {
        localStorage.clear()
        sessionStorage.clear()
      })
    },
    close: () => context.close(),
  }
}

/** What an operation leaves to be done neither disturbs the next one nor counts for it. */
export async function settle({ server }: Stage): Promise<number> {
  await sleep(60 + 2 * server.delayMs)
  return server.requestCount
}
