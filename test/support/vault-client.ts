import { type AuthEvents, type Page } from 'sotto'
import type { AuthorizationServer, SeenRequest } from 'sotto/testing'
import { workerVault } from 'sotto/worker'
import { createVault } from '../../src/worker/vault.ts'
import { createClient, createServer, type TestClient, type TestOptions } from './flow-client.ts'
import { createRenewal } from './flow-tokens.ts'
import { advance } from './real-time.ts'

/** A worker in the same process: what its pages ask and are told goes over it as copies. */
export interface TestWorker {
  /** What a page calls for it. */
  readonly open: () => SharedWorker | Worker
  /** Every message to a page, as text. */
  readonly told: readonly string[]
  /** The verbs that it was asked. */
  readonly asked: readonly string[]
  isHung: boolean
  /** The version that it says. */
  version: number
  /** Ends it: nothing is answered any more, and the next page finds a new one. */
  kill(): void
}

export function createWorker(
  send: typeof fetch,
  {
    isShared = true,
    onAsked,
  }: { readonly isShared?: boolean; readonly onAsked?: (message: unknown) => void } = {},
): TestWorker {
  const told: string[] = []
  const asked: string[] = []
  let alive = { vault: createVault(send) }

  const worker: TestWorker = {
    told,
    asked,
    isHung: false,
    version: 1,
    kill() {
      alive = { vault: createVault(send) }
    },
    open() {
      if (!isShared) worker.kill()
      const mine = alive
      const port = {
        onmessage: (_event: { readonly data: unknown }): void => {},
        close() {},
        async postMessage(message: { readonly id: string; readonly verb: string }) {
          // One that hangs has not looked at what it was told.
          if (worker.isHung || mine !== alive) return
          asked.push(message.verb)
          onAsked?.(message)
          const answer = await mine.vault(structuredClone(message)).catch(() => undefined)
          const data: unknown = structuredClone({
            id: message.id,
            answer: message.verb === 'hello' ? { version: worker.version } : answer,
          })
          if (worker.isHung || mine !== alive) return
          told.push(JSON.stringify(data))
          port.onmessage({ data })
        },
      }
      const own = Object.assign(port, { terminate() {} })
      Reflect.deleteProperty(own, isShared ? 'terminate' : 'close')
      return (isShared ? { port } : own) as unknown as SharedWorker | Worker
    },
  }
  return worker
}

/** A worker whose script is not there. */
export function openMissingWorker(): Worker {
  const worker = { onerror: () => {}, postMessage() {}, terminate() {} }
  setTimeout(() => worker.onerror())
  return worker as unknown as Worker
}

export interface VaultClient extends TestClient {
  readonly worker: TestWorker
  readonly renewals: AuthEvents['renewal'][]
  /** The refresh tokens that the server has issued so far. */
  refreshes(): readonly SeenRequest[]
}

interface VaultSetting {
  readonly server?: AuthorizationServer
  readonly worker?: TestWorker
  readonly open?: () => SharedWorker | Worker
}

/** A client whose refresh token is in a worker, and whose next strategy is the script of `renewal`. */
export function openVaultPage(
  {
    server = createServer(),
    worker = createWorker(server.fetch),
    open = worker.open,
  }: VaultSetting = {},
  options: TestOptions = {},
  tab: Page = new Map(),
): VaultClient {
  const renewal = createRenewal()
  const renewals: AuthEvents['renewal'][] = []
  const page = createClient(
    {
      scope: 'openid profile email offline_access',
      renewal: [workerVault(open), renewal.strategy],
      ...options,
    },
    { server, renewal, page: tab },
  )
  page.auth.on('renewal', (event) => renewals.push(event))
  const refreshes = (): readonly SeenRequest[] =>
    server.control
      .requests({ endpoint: 'token' })
      .filter(({ parameters }) => parameters['grant_type'] === 'refresh_token')
  return { ...page, worker, renewals, refreshes }
}

/** Lets the clock run until something has come, and says how long it took. */
export async function inTime<Value>(
  work: Promise<Value>,
): Promise<{ readonly value: Value; readonly ms: number }> {
  const before = performance.now()
  let isDone = false
  void work.finally(() => (isDone = true)).catch(() => {})
  while (!isDone) await advance(100)
  return { value: await work, ms: performance.now() - before }
}
