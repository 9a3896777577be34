import { onTestFinished, vi } from 'vitest'
import { createStoredSession } from '../../src/session/stored-session.ts'
import { createUserReader } from '../../src/session/user.ts'
import { createSession } from '../../src/session/session.ts'
import type { SessionOptions } from '../../src/session/session-memory.ts'
import { keepRefreshTokens } from '../../src/session/refresh-tokens.ts'
import type { Session } from '../../src/session/session-view.ts'
import { createSessionEpochs } from '../../src/session/session-epoch.ts'
import type { SessionRecord } from '../../src/session/read-session-record.ts'
import type { StoredRefreshToken } from '../../src/session/stored-refresh-token.ts'
import { createEntry, createTokenCache } from '../../src/session/token-cache.ts'
import { storageKey } from '../../src/storage/storage.ts'
import { stubLocks } from './flow-client.ts'
import { createSharedStorage, type SharedStorage } from './flow-storage.ts'
import { clientId, createTokenSet, issuer, type TokenSetInput } from './flow-tokens.ts'

export const KEY = storageKey('session', issuer, clientId)

/**
 * What tabs have in a browser: clocks that a test sets, locks, and an epoch that is not there yet.
 * For `beforeEach`: gives what ends it.
 */
export function prepareTabs(): () => void {
  localStorage.clear()
  vi.stubGlobal('origin', location.origin)
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  stubLocks()
  return () => void vi.useRealTimers()
}

/** Has something happen once, in the middle of the next writing or reading. */
export function interrupt(
  storage: SharedStorage,
  when: 'get' | 'set',
  work: () => Promise<unknown>,
): () => Promise<unknown> | undefined {
  let interruption: Promise<unknown> | undefined
  const begin = async () => {
    interruption ??= work()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { get, set } = storage
  if (when === 'set') storage.set = (...pair) => set(...pair).then(begin)
  else
    storage.get = async (key) => {
      const value = await get(key)
      await begin()
      return value
    }
  return () => interruption
}

/** A storage that a browser copies with the tab. */
export const createCopiedStorage = () =>
  Object.assign(createSharedStorage(), { shared: false, copied: true })

export interface Tab {
  readonly session: Session
  /** The page is gone. */
  close(): void
  readonly unneeded: string[]
  readonly ends: boolean[]
  readonly announced: unknown[]
  readonly warnings: string[]
}

/** A tab with a session; tabs with the same storage share it. */
export function openTab(
  storage: SharedStorage & { readonly copied?: boolean } = createSharedStorage(),
  changes: Partial<SessionOptions> = {},
): Tab {
  const [unneeded, ends, announced, warnings]: [string[], boolean[], unknown[], string[]] = [
    [],
    [],
    [],
    [],
  ]
  const ended = new AbortController()
  const session = createSession({
    epochs: createSessionEpochs('epoch'),
    openStore: (memory) =>
      createStoredSession(storage, memory, {
        key: KEY,
        issuer,
        clientId,
        keepsRefreshToken: true,
        dpop: undefined,
        signal: ended.signal,
        warn: (_code, reason) => warnings.push(reason),
      }),
    cache: createTokenCache(undefined),
    scope: 'openid',
    keepRefreshTokens,
    readUser: createUserReader(undefined),
    subjectOf: ({ sub }) => sub,
    onChange: () => {},
    onToken: () => {},
    announce: (epoch) => announced.push(epoch),
    onMisfit: ({ code }) => warnings.push(code),
    onUnneeded: (token) => token && unneeded.push(token.token),
    onEnd: (isLogout) => ends.push(isLogout),
    ...changes,
  })
  session.open()
  onTestFinished(() => ended.abort())
  const close = (): void => ended.abort()
  return { session, close, unneeded, ends, announced, warnings }
}

export const createToken = (token: string, sub = 'alice'): StoredRefreshToken => ({
  token,
  partition: '',
  requestedScope: 'openid',
  scope: 'openid',
  idToken: createTokenSet({ claims: { sub } }).idToken,
  rotates: undefined,
  doubt: undefined,
})

/** What the server gives. */
export const bring = (sub = 'alice', input: TokenSetInput = {}) => {
  const tokens = createTokenSet({ scope: 'openid', ...input, claims: { sub } })
  const target = { partition: '', scope: 'openid' }
  return [tokens, createEntry(tokens, target)] as const
}

/** A person logs in. */
export async function signIn({ session }: Tab, sub = 'alice', token = `of ${sub}`): Promise<void> {
  await session.restore()
  await session.signIn(...bring(sub, { refreshToken: token }), {
    generation: session.currentGeneration(),
    sessionParams: undefined,
  })
}

export const recordIn = ({ records }: SharedStorage) =>
  records.get(KEY) as SessionRecord | undefined

/** Two tabs of a signed-in user. */
export async function openTwo(storage = createSharedStorage()) {
  const one = openTab(storage)
  await signIn(one)
  const other = openTab(storage)
  await other.session.restore()
  return { storage, one, other }
}
