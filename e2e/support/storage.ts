import type { AuthWarning, CustomStorage, TokenStorage } from 'sotto'
import { CLIENT_ID, type Pair } from './serve.ts'

/** The storages that {@link createClientWithStorage} knows. */
export type StorageKind =
  | 'localStorage'
  | 'sessionStorage'
  | 'IndexedDB'
  | "the app's own"
  | 'a storage that throws at every write'
  | 'a storage that throws at every use'
  | 'a storage that hangs at every use'

declare global {
  /** Every warning of the client that {@link createClientWithStorage} made. */
  var warnings: AuthWarning[]
}

/** The name under which a web storage has the session. */
export const RECORD_KEY = ({ issuer }: Pair): string => `sotto:session ${issuer} ${CLIENT_ID}`

/**
 * Makes `window.auth` with a token storage, and lists its warnings. Runs in the page: it may refer
 * to nothing outside itself.
 */
export function createClientWithStorage({
  issuer,
  kind,
}: {
  readonly issuer: string
  readonly kind: StorageKind
}): void {
  const fail = () => Promise.reject(new Error('no storage today'))
  const hang = () => new Promise<never>(() => {})
  const own: CustomStorage = {
    get: async (key) => JSON.parse(localStorage.getItem(`own ${key}`) ?? 'null') as unknown,
    set: async (key, value) => localStorage.setItem(`own ${key}`, JSON.stringify(value)),
    delete: async (key) => localStorage.removeItem(`own ${key}`),
  }
  const storages: Readonly<Record<StorageKind, () => TokenStorage>> = {
    localStorage: () => sotto.webStorage(() => localStorage),
    sessionStorage: () => sotto.webStorage(() => sessionStorage),
    IndexedDB: () => sotto.indexedDbStorage(),
    "the app's own": () => sotto.customStorage(own),
    'a storage that throws at every write': () => sotto.customStorage({ ...own, set: fail }),
    'a storage that throws at every use': () =>
      sotto.customStorage({ get: fail, set: fail, delete: fail }),
    'a storage that hangs at every use': () =>
      sotto.customStorage({ get: hang, set: hang, delete: hang }),
  }
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    issuer,
    clientId: 'app',
    redirectUri: '/callback',
    tokenStorage: storages[kind](),
  })
  globalThis.warnings = []
  globalThis.auth.on('warning', (warning) => globalThis.warnings.push(warning))
}
