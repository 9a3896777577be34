import {
  createAuthClient,
  type AuthClient,
  type AuthWarning,
  type ClientOptions,
  type CustomStorage,
  type Page,
  type TokenStorage,
} from 'sotto'
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from 'sotto/testing'
import { onTestFinished, vi } from 'vitest'
import { createLocks } from './flow-locks.ts'
import { toTokenStorage } from './flow-storage.ts'
import { clientId, createRenewal, issuer, type ScriptedRenewal } from './flow-tokens.ts'

export interface TestClient {
  readonly auth: AuthClient
  readonly server: AuthorizationServer
  readonly renewal: ScriptedRenewal
  readonly warnings: AuthWarning[]
  /** Where `navigate` was sent, oldest first. */
  readonly visits: URL[]
  /** A whole login of a person, up to and including the callback. */
  logIn(user?: string, options?: Parameters<AuthClient['loginWithRedirect']>[0]): Promise<void>
  /** The callback URL for the last visit. */
  answer(user?: string): string
}

/**
 * A page as far as flows need one, beside what happy-dom has: locks, and storages that are empty.
 */
export function preparePage(): void {
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', 'http://localhost:3000/')
  vi.stubGlobal('origin', location.origin)
  vi.useFakeTimers({ toFake: ['Date', 'performance', ...TIMERS] })
  onTestFinished(() => void vi.useRealTimers())
  stubLocks()
}

const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const

/** Locks that nobody holds: those of a tab that is closed are given back. */
export function stubLocks(): ReturnType<typeof createLocks> {
  const locks = createLocks()
  Object.defineProperty(navigator, 'locks', { value: locks, configurable: true })
  return locks
}

export function createServer(
  options: Partial<AuthorizationServerOptions> = {},
): AuthorizationServer {
  return createAuthorizationServer({ issuer, signingAlg: 'ES256', ...options })
}

/** Options of a client, where a storage may be plain: tests change it later. */
export type TestOptions = Omit<Partial<ClientOptions>, 'tokenStorage'> & {
  readonly tokenStorage?: TokenStorage | CustomStorage | undefined
}

interface TestSetting {
  readonly server?: AuthorizationServer
  readonly renewal?: ScriptedRenewal
  /** The page that the client is in. Default: one of its own, as another tab is. */
  readonly page?: Page
}

/**
 * A client that renews by script and logs in at the mock server; it is disposed when the test ends.
 */
export function createClient(
  { tokenStorage, ...options }: TestOptions = {},
  { server = createServer(), renewal = createRenewal(), page = new Map() }: TestSetting = {},
): TestClient {
  const visits: URL[] = []
  const warnings: AuthWarning[] = []
  const auth = createAuthClient(
    {
      issuer,
      clientId,
      redirectUri: '/callback',
      fetch: server.fetch,
      navigate: (url) => void visits.push(url),
      renewal: [renewal.strategy],
      ...(tokenStorage && { tokenStorage: toTokenStorage(tokenStorage) }),
      ...options,
    },
    page,
  )
  auth.on('warning', (warning) => warnings.push(warning))
  onTestFinished(() => auth.dispose())

  function answer(user?: string): string {
    const url = visits.at(-1)?.href ?? ''
    const outcome = server.control.authorize({ url, ...(user !== undefined && { user }) })
    if (!('location' in outcome)) throw new Error('no redirect')
    return outcome.location
  }

  return {
    auth,
    server,
    renewal,
    warnings,
    visits,
    answer,
    async logIn(user = 'alice', login = {}) {
      await auth.loginWithRedirect(login)
      await auth.handleRedirectCallback({ url: answer(user) })
    },
  }
}

/** Another page of the same browser: the storages stay, the memory is new. */
export function reload(page: TestClient, options: TestOptions = {}): TestClient {
  page.auth.dispose()
  return createClient(options, { server: page.server })
}

/** Moves every clock. */
export function passTime(ms: number): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(ms)
}
