import { IDBFactory } from 'fake-indexeddb'
import { createStore, del, get, set } from 'idb-keyval'
import { refreshToken, type Page } from 'sotto'
import { dpop } from 'sotto/dpop'
import type { AuthorizationServerOptions, SeenRequest } from 'sotto/testing'
import { vi } from 'vitest'
import {
  createClient,
  createServer,
  preparePage,
  type TestClient,
  type TestOptions,
} from './flow-client.ts'
import { createSharedStorage, type SharedStorage } from './flow-storage.ts'
import { clientId, issuer } from './flow-tokens.ts'

export interface DpopClient extends TestClient {
  readonly storage: SharedStorage
}

/** The claims of a proof, and what it says of its key. */
interface SeenProof {
  readonly header: { readonly typ: string; readonly alg: string; readonly jwk: JsonWebKey }
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly nonce?: string
  readonly ath?: string
}

/** A page with an IndexedDB of its own. */
export function prepareDpopPage(): void {
  preparePage()
  clearKeys()
}

/** What a user does who clears the data of a site, keys and all. */
export function clearKeys(): void {
  vi.stubGlobal('indexedDB', new IDBFactory())
}

/** A browser that refuses IndexedDB. */
export function refuseIndexedDb(): void {
  vi.stubGlobal('indexedDB', {
    open() {
      throw new DOMException('refused', 'SecurityError')
    },
  })
}

/** A client whose tokens are bound to a key, and that renews by refresh token alone. */
export function openDpopPage(
  { storage = createSharedStorage(), server = createServer() } = {},
  options: TestOptions = {},
  page: Page = new Map(),
): DpopClient {
  const own = { scope: 'openid profile email offline_access', tokenStorage: storage }
  const client = createClient(
    { ...own, renewal: [refreshToken()], dpop: dpop(), ...options },
    { server, page },
  )
  return { ...client, storage }
}

/** Such a page after a login of alice. */
export async function logInWithKey(
  options: TestOptions = {},
  server: Partial<AuthorizationServerOptions> = {},
): Promise<DpopClient> {
  const page = openDpopPage({ server: createServer(server) }, options)
  await page.logIn()
  return page
}

const KEY_NAME = `sotto:dpop ${issuer} ${clientId}`
const openKeys = () => createStore('sotto-keys', 'keys')

/** What is stored of the key. */
export const readStoredKey = (): Promise<
  { readonly privateKey: CryptoKey; readonly jkt: string } | undefined
> => get(KEY_NAME, openKeys())

export const writeStoredKey = (value: unknown): Promise<void> => set(KEY_NAME, value, openKeys())

/** Takes the key away under the eyes of open pages. */
export const dropStoredKey = (): Promise<void> => del(KEY_NAME, openKeys())

/** The proof of a request, taken apart. */
export function proofOf({ headers }: SeenRequest): SeenProof {
  return readProof(headers['dpop'])
}

export function readProof(proof: string | null | undefined): SeenProof {
  const [header, claims] = (proof ?? '')
    .split('.')
    .slice(0, 2)
    .map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { ...(claims as SeenProof), header: header as SeenProof['header'] }
}

/** The token requests that the server has seen. */
export const tokenRequests = ({ server }: TestClient): readonly SeenRequest[] =>
  server.control.requests({ endpoint: 'token' })

/** The thumbprint in an access token. */
export function boundTo(accessToken: string | undefined): string | undefined {
  const payload = Buffer.from((accessToken ?? '').split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(payload) as { readonly cnf?: { readonly jkt: string } }).cnf?.jkt
}
