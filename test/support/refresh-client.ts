import { refreshToken, type AuthEvents, type LoginOptions, type Page } from 'sotto'
import type { AuthorizationServerOptions, SeenRequest } from 'sotto/testing'
import { createClient, createServer, type TestClient, type TestOptions } from './flow-client.ts'
import { createSharedStorage, type SharedStorage } from './flow-storage.ts'
import { createRenewal } from './flow-tokens.ts'

const SCOPE = 'openid profile email offline_access'

export interface RefreshClient extends TestClient {
  readonly storage: SharedStorage
  /** The `renewal` events so far. */
  readonly renewals: AuthEvents['renewal'][]
  /** The refresh grants that the server has seen. */
  refreshes(): readonly SeenRequest[]
}

export interface RefreshSetting {
  readonly options?: TestOptions
  readonly server?: Partial<AuthorizationServerOptions>
  readonly login?: LoginOptions
}

/**
 * A client whose strategies are `refreshToken()` and then the script of `renewal`; by default in a
 * tab of its own.
 */
export function openPage(
  { storage = createSharedStorage(), server = createServer() } = {},
  options: TestOptions = {},
  tab: Page = new Map(),
): RefreshClient {
  const renewal = createRenewal()
  const renewals: AuthEvents['renewal'][] = []
  const page = createClient(
    {
      scope: SCOPE,
      tokenStorage: storage,
      renewal: [refreshToken(), renewal.strategy],
      ...options,
    },
    { server, renewal, page: tab },
  )
  page.auth.on('renewal', (event) => renewals.push(event))
  const refreshes = (): readonly SeenRequest[] =>
    server.control
      .requests({ endpoint: 'token' })
      .filter(({ parameters }) => parameters['grant_type'] === 'refresh_token')
  return { ...page, storage, renewals, refreshes }
}

/** Such a page after a login of alice at a server of its own. */
export async function logInWithRefreshToken(setting: RefreshSetting = {}): Promise<RefreshClient> {
  const page = openPage({ server: createServer(setting.server) }, setting.options)
  await page.logIn('alice', setting.login)
  return page
}

export interface StoredRecord {
  readonly idToken: string
  readonly refreshToken?: {
    readonly token: string
    readonly doubt?: { readonly since: number; readonly tries: number; readonly nextAt: number }
    readonly rotates?: boolean
  }
}

/** The refresh tokens that the server has seen. */
export const sentBy = ({ refreshes }: RefreshClient): (string | undefined)[] =>
  refreshes().map(({ parameters }) => parameters['refresh_token'])

/** The session record in a storage. */
export function recordIn({ records }: SharedStorage): StoredRecord | undefined {
  return [...records.values()][0] as StoredRecord | undefined
}

/** Changes the stored refresh token. */
export function changeGrant(
  { records }: SharedStorage,
  changes: Readonly<Record<string, unknown>>,
): void {
  for (const [key, record] of records) {
    const stored = record as StoredRecord
    records.set(key, { ...stored, refreshToken: { ...stored.refreshToken, ...changes } })
  }
}
