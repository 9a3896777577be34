import type { Page } from '@playwright/test'
import type { AuthWarning } from 'sotto'
import { test as base } from './signed-in.ts'
import { CLIENT_ID, type Pair } from './serve.ts'

export { refreshesOf } from './refresh-grants.ts'
export { callInAll, renewIn } from './refresh.ts'
export { expect, requestsOf } from './signed-in.ts'

declare global {
  var warnings: AuthWarning[]
  /** Told of every message of a worker to a page, and of every answer to a page's own `fetch`. */
  var noteForTest: (text: string) => Promise<void>
}

/** How a renewal ends where the worker has the refresh token. */
export const BY_VAULT = { strategy: 'worker_vault', attempts: [] }

export const WORKER_WARNING = { code: 'storage_unavailable', reason: 'worker' }

interface Fixtures {
  /** Everything that pages were told, by workers and by their own requests. */
  readonly told: readonly string[]
}

export const test = base.extend<Fixtures>({
  told: [
    async ({ context }, use) => {
      const told: string[] = []
      await context.exposeFunction('noteForTest', (text: string) => void told.push(text))
      await context.addInitScript(listen)
      await use(told)
    },
    { auto: true },
  ],
})

/** Runs in the page, before its first script: it may refer to nothing outside itself. */
function listen(): void {
  const send = globalThis.fetch
  globalThis.fetch = async (...args) => {
    const response = await send(...args)
    const text = await response.clone().text()
    void globalThis.noteForTest?.(text)
    return response
  }
  const note = ({ data }: MessageEvent): void => {
    // Without the message itself nothing may be known, and a test must not change what comes.
    void globalThis.noteForTest?.(JSON.stringify(data))
  }
  for (const name of ['SharedWorker', 'Worker'] as const) {
    const known = globalThis[name]
    if (!known) continue
    globalThis[name] = new Proxy(known, {
      construct(target, args: [string]) {
        const worker = new target(...args)
        const port = 'port' in worker ? worker.port : worker
        port.addEventListener('message', note as EventListener)
        return worker
      },
    }) as never
  }
}

export interface VaultedOptions {
  readonly script?: string
  readonly renewal?: 'vault' | 'vault and frame'
  readonly dpop?: boolean
}

/** Makes a client whose refresh token is in a worker, and starts it. */
export function startVaulted(
  page: Page,
  { issuer }: Pair,
  { script = '/sotto-vault.js', renewal = 'vault and frame', dpop = false }: VaultedOptions = {},
): Promise<string> {
  return page.evaluate(startInPage, { issuer, clientId: CLIENT_ID, script, renewal, dpop })
}

/** Runs in the page: it may refer to nothing outside itself. */
async function startInPage({
  script,
  renewal,
  dpop,
  ...client
}: Required<VaultedOptions> & {
  readonly issuer: string
  readonly clientId: string
}): Promise<string> {
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    scope: 'openid profile email offline_access',
    renewal: [sotto.workerVault(script), ...(renewal === 'vault' ? [] : [sotto.silentIframe()])],
    ...(dpop && { dpop: sotto.dpop() }),
  })
  globalThis.renewals = []
  globalThis.warnings = []
  globalThis.auth.on('renewal', (event) => globalThis.renewals.push(event))
  globalThis.auth.on('warning', (event) => globalThis.warnings.push(event))
  return (await globalThis.auth.start()).status
}

/** Logs alice in by a redirect, in such a client. */
export async function logInVaulted(
  page: Page,
  pair: Pair,
  signIn: (page: Page) => Promise<void>,
  options: VaultedOptions = {},
): Promise<string> {
  await page.goto('/')
  await startVaulted(page, pair, options)
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await page.waitForURL(/\/callback/)
  return startVaulted(page, pair, options)
}

/** The refresh tokens that the server has seen, and so has issued. */
export function tokensOf({ control }: Pair): string[] {
  return control
    .requests()
    .flatMap(({ parameters }) => [parameters['refresh_token'], parameters['token']])
    .filter((token) => token !== undefined)
}
