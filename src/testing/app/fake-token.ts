import {
  AuthError,
  isAuthError,
  type OnLoginRequired,
  type TokenDetails,
  type TokenOptions,
} from 'sotto'
import type { FakeSession } from './fake-session.ts'

const LIFE_SECONDS = 300

/** What `getTokenSilently` of a fake gives. */
export async function giveToken(
  session: Pick<FakeSession<object>, 'assertOpen' | 'getSnapshot' | 'settled'>,
  accessToken: string,
  options: TokenOptions,
): Promise<string | TokenDetails | undefined> {
  const { cacheMode, detailed, signal, timeoutMs } = options
  session.assertOpen(signal)
  if (cacheMode === 'cache-only' && session.getSnapshot().status !== 'authenticated')
    return undefined
  const snapshot = await inTime(session.settled(signal), timeoutMs)
  if (snapshot.status === 'error') throw snapshot.error
  if (snapshot.status === 'anonymous')
    throw new AuthError(snapshot.reason === 'logged_out' ? 'logged_out' : 'login_required')
  return detailed ? describe(accessToken, options) : accessToken
}

/** As long as a caller cares to wait, by the options of its call. */
async function inTime<Value>(
  result: Promise<Value>,
  timeoutMs: number | undefined,
): Promise<Value> {
  if (timeoutMs === undefined) return result
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AuthError('timeout', { reason: 'caller' })), timeoutMs)
  })
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}

function describe(accessToken: string, { scope, audience }: TokenOptions): TokenDetails {
  return {
    accessToken,
    tokenType: 'bearer',
    scope: scope ?? 'openid profile email',
    audience,
    expiresAt: Date.now() + LIFE_SECONDS * 1000,
    expiresIn: LIFE_SECONDS,
  }
}

/** Does what the app chose where the user has to log in, as a real client does. */
export async function followPolicy(
  error: unknown,
  policy: OnLoginRequired,
  login: () => Promise<void>,
): Promise<never> {
  if (!isAuthError(error, 'login_required')) throw error
  let leaving: Promise<never> | undefined
  const leave = (): Promise<never> =>
    (leaving = login().then(() => {
      throw error
    }))
  if (policy === 'redirect') return leave()
  if (policy !== 'throw') policy(error, leave)
  if (leaving) return leaving
  throw error
}
