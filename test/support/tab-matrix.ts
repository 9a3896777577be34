import {
  memoryStorage,
  refreshToken,
  webStorage,
  type CustomStorage,
  type RenewalStrategy,
  type TokenOptions,
} from 'sotto'
import type { AuthorizationServer } from 'sotto/testing'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  type TestClient,
} from './flow-client.ts'
import { createSharedStorage } from './flow-storage.ts'
import { claimsIn, createFrame } from './model/frame.ts'
import { rest, settle } from './real-time.ts'
import { membersOf } from './snapshot-members.ts'

export const STORAGES = ['memory', 'localStorage', 'indexedDb', 'sessionStorage'] as const
export const RENEWALS = ['frame', 'refresh', 'both'] as const

export interface Kind {
  readonly storage: (typeof STORAGES)[number]
  readonly renewal: (typeof RENEWALS)[number]
}

/** One server serves all browsers of a file, because its keys take time. */
export const createMatrixServer = (): AuthorizationServer =>
  createServer({ refreshTokenSeconds: 3650 * 86_400 })

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A browser with tabs, at a server that uses refresh tokens up. */
export function createBrowser(server: AuthorizationServer, { storage, renewal }: Kind) {
  preparePage()
  server.control.reset()
  const shared = createSharedStorage()
  const answered = new Set<string>()
  const browser = {
    server,
    tabs: [] as TestClient[],
    /** What the tabs of the kind `indexedDb` share. */
    records: shared.records,
    serverUser: undefined as string | undefined,
    areCookiesBlocked: false,
    isStorageBroken: false,
    /** How long a frame or a refresh takes. */
    latencyMs: 0,
    requests: 0,
    /** What must never be. */
    wrong: [] as string[],
    open,
    ask,
    async logIn(tab: TestClient, user: string): Promise<void> {
      browser.serverUser = user
      await settle(tab.logIn(user))
    },
  }
  const frame = createFrame({
    server,
    serverUser: () => (browser.areCookiesBlocked ? undefined : browser.serverUser),
    isBlocked: () => false,
    onFrame: () => void browser.requests++,
  })
  const slowFrame: RenewalStrategy = async (...asked) => {
    await wait(browser.latencyMs)
    return frame(...asked)
  }

  const send: typeof fetch = async (input, init) => {
    const token = new URLSearchParams(String(init?.body ?? '')).get('refresh_token')
    if (!token || String(input).endsWith('/revoke')) return server.fetch(input, init)
    browser.requests++
    if (answered.has(token)) browser.wrong.push('a refresh token was sent after its answer')
    const response = await server.fetch(input, { ...init, signal: null })
    await wait(browser.latencyMs)
    answered.add(token)
    return response
  }

  const assertWorks = (): void => {
    if (browser.isStorageBroken) throw new DOMException('No room.', 'QuotaExceededError')
  }

  function breakable(store: CustomStorage): CustomStorage {
    const { get, set, delete: remove } = store
    const guard =
      <Given extends unknown[], Value>(run: (...given: Given) => Promise<Value>) =>
      async (...given: Given): Promise<Value> => {
        assertWorks()
        return run(...given)
      }
    return { ...store, get: guard(get), set: guard(set), delete: guard(remove) }
  }

  function storageOfTab() {
    switch (storage) {
      case 'memory':
        return memoryStorage()
      case 'localStorage':
        return webStorage(() => {
          assertWorks()
          return localStorage
        })
      case 'indexedDb':
        return breakable(shared)
      case 'sessionStorage':
        return breakable(Object.assign(createSharedStorage(), { shared: false, copied: true }))
    }
  }

  async function open(): Promise<TestClient> {
    const strategies = {
      frame: [slowFrame],
      refresh: [refreshToken()],
      both: [refreshToken(), slowFrame],
    }
    const scope = 'openid profile email offline_access'
    const tokenStorage = storageOfTab()
    const options = { scope, tokenStorage, fetch: send, renewal: strategies[renewal] }
    const tab = createClient(options, { server })
    browser.tabs.push(tab)
    await settle(tab.auth.start())
    return tab
  }

  /** Whose token a tab gives out; or why it gives none. */
  async function ask({ auth }: TestClient, call: TokenOptions = {}): Promise<string> {
    const { value, error } = await settle(auth.getTokenSilently(call))
    if (value === undefined) return String((error as { readonly code?: string }).code ?? error)
    const { sub } = claimsIn(value as string)
    const shown = membersOf(auth.getSnapshot()).user?.sub
    if (shown !== sub) browser.wrong.push(`a token of ${sub}, and ${shown} is shown`)
    return sub
  }
  return browser
}
export type Browser = ReturnType<typeof createBrowser>

/** Lets what other tabs were told arrive, and what it sets off end. */
export async function deliver(): Promise<void> {
  await rest()
  await passTime(1300)
  await rest()
}
