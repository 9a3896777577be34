import { refreshToken, type AuthEvents, type ClientOptions, type LoginOptions } from 'sotto'
import type { AuthorizationServerOptions, SeenRequest } from 'sotto/testing'
import { createClient, createServer, type TestClient } from './flow-client.ts'
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
  readonly options?: Partial<ClientOptions>
  readonly server?: Partial<AuthorizationServerOptions>
  readonly login?: LoginOptions
}

/** A page whose strategies are `refreshToken()` and then the script of `renewal`. */
export function openPage(
  { storage = createSharedStorage(), server = createServer() } = {},
  options: Partial<ClientOptions> = {},
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
    { server, renewal },
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
  readonly refreshGrant?: {
    readonly token: string
    readonly pending?: boolean
    readonly reusable?: boolean
  }
}

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
    records.set(key, { ...stored, refreshGrant: { ...stored.refreshGrant, ...changes } })
  }
}
