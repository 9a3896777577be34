import type { FlightWork } from '../browser/single-flight.ts'
import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import type { AuthClient } from '../client/auth-client.ts'
import type { KeyedTarget } from '../authorization/resolve-target.ts'
import { contextOf, targetOf } from '../client/context.ts'
import type { SessionOwner } from '../client/session-owner.ts'
import { isAuthError } from '../errors.ts'
import { createLifetime } from './lifetime.ts'
import { listenToFrontChannel } from './front-channel-notices.ts'
import { watchSessionFrame } from './session-frame.ts'
import { configInvalid, isDuration } from '../protocol/request-parameters.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { InternalStrategy } from '../renewal/internal-strategy.ts'
import { runStrategies } from '../renewal/run-strategies.ts'
import { silentIframe } from '../renewal/silent-iframe.ts'
import type { TokenEntry } from '../session/token-cache.ts'
import { storageKey } from '../storage/storage.ts'

export interface SessionMonitorOptions {
  /** How long the tabs wait at least between two questions, in seconds. Default: 300. */
  readonly intervalSeconds?: number | undefined
  /**
   * Called where the session at the server is over, in place of the logout here. What it rejects
   * with is a `warning`.
   */
  readonly onEnded?: (() => unknown) | undefined
}

/**
 * Asks the server whether its session still stands when the user comes back to a tab: one silent
 * request in a hidden frame, with the `silentIframe` of the client where there is one, at most once
 * in `intervalSeconds` over all tabs. Where the server says `login_required`, the user is logged
 * out here, in all tabs, although a token or a refresh token may be good still: for apps where a
 * logout at the server is to be seen here. Another user at the server ends the session with
 * `user_changed`.
 *
 * Where the server has a page for it (`check_session_iframe`) and browsers let that page read its
 * cookie, it is kept in a frame and says within three seconds that something has changed, which is
 * asked about in the same way; it costs no request.
 *
 * The page `sotto/front-channel-logout` tells of a logout at the server at once, where the server
 * has such a page in its settings.
 *
 * A question that is not answered ends nothing: no network, a frame that is blocked, cookies that
 * seem to be. Does nothing on a server.
 *
 * @returns a function that ends it; `dispose` ends it too
 * @throws AuthError `config_invalid` where `auth` is no client or an option is unfit
 * @see {@link https://openid.net/specs/openid-connect-session-1_0.html#RPiframe OpenID Connect Session Management, section 3.1}
 * @example
 * ```ts
 * const stop = sessionMonitor(auth)
 * ```
 */
export function sessionMonitor(
  auth: AuthClient<object>,
  options: SessionMonitorOptions = {},
): () => void {
  const context = contextOf(auth)
  const { owner } = context
  const { intervalSeconds = 300, onEnded } = ownFields<SessionMonitorOptions>(options)
  if (!isDuration(intervalSeconds)) throw configInvalid('intervalSeconds')
  if (onEnded != null && typeof onEnded !== 'function') throw configInvalid('onEnded')
  const leave = onEnded ?? (() => auth.logout({ localOnly: true }))
  const { signal, stop } = createLifetime(context)
  if (signal.aborted) return stop

  const takeTurn = createTurn(storageKey('asked', owner.issuer, owner.clientId), intervalSeconds)

  const run = (work: () => unknown): void => {
    new Promise((resolve) => resolve(work())).catch((error: unknown) =>
      owner.warn(isAuthError(error) ? error.code : 'server_error', 'sessionMonitor'),
    )
  }

  const ask = (isTurn: () => boolean): void =>
    run(async () => {
      const isWatched = document.visibilityState === 'visible' && isSignedIn(owner)
      // Where cookies reach no frame the server would not see its session.
      if (!isWatched || owner.cookies.isConfirmed() || !isTurn()) return
      const target = targetOf(context, ownFields({}))
      if (await hasEnded(owner, target, signal)) await leave()
    })

  // It has to know the `sid`, which is in the ID token and nowhere else.
  const lookAtNotices = listenToFrontChannel(({ iss, sid }) => {
    const { identity, epoch, currentGeneration } = owner.session
    // A tab that was frozen hears late, and has not looked at a login that has come since.
    if (currentGeneration() !== epoch.generation) return
    const claims = identity?.claims
    if (claims && typeof sid === 'string' && claims['sid'] === sid && claims.iss === iss) run(leave)
  }, signal)

  watchSessionFrame(owner, () => ask(() => true), signal)
  const whileRunning = ownFields({ signal })
  const askInTurn = (): void => ask(takeTurn)
  for (const type of ['focus', 'pageshow']) addEventListener(type, askInTurn, whileRunning)
  document.addEventListener('visibilitychange', askInTurn, whileRunning)
  // Of a session that was restored the end may have been told before.
  const end = auth.on('session', lookAtNotices)
  signal.addEventListener('abort', end)
  lookAtNotices()
  return stop
}

function isSignedIn({ session }: SessionOwner): boolean {
  return session.getSnapshot().status === 'authenticated'
}

/** Asks the server. Only its own word counts, and only where it has seen its cookies. */
async function hasEnded(
  owner: SessionOwner,
  target: KeyedTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const { session, options, loggedInAt } = owner
  const { revision } = session
  const generation = session.currentGeneration()
  // Own property: a polluted prototype must not add one.
  const isFrame = (one: InternalStrategy): boolean =>
    Object.hasOwn(one, 'label') && one.label === 'silent_iframe'
  const strategy = options.renewal.find(isFrame) ?? silentIframe()
  // Without a prototype, as they were.
  const asking = {
    ...owner,
    options: ownFields<typeof options>({ ...options, renewal: [strategy] }),
  }
  const since = performance.now()
  const run = { since, cookiesBlocked: false, generation, revision, isInBackground: true }
  try {
    // A logout and the end of the client abort it, as they do every request of the session. It joins
    // none that was asked before: the session may have ended since.
    const work: FlightWork<TokenEntry> = async (aborted, onTokenRequest) =>
      (await runStrategies(asking, target, { ...run, signal: aborted, onTokenRequest })).entry
    await owner.flights.join(`session ${since}`, ownFields({ signal }), work)
    return false
  } catch (error) {
    if (signal.aborted) return false
    if (!isAuthError(error) || error.code === 'config_invalid') throw error
    const { code, oauthError, reason } = error
    const isServersWord = code === 'login_required' && oauthError !== undefined && !reason
    // A login that has come meanwhile is not what was asked about.
    const isSame = session.currentGeneration() === generation && owner.loggedInAt === loggedInAt
    return isServersWord && isSame
  }
}

/**
 * Gives a turn once in an interval, over all tabs; in this page alone where `localStorage` is
 * blocked.
 */
function createTurn(key: string, seconds: number): () => boolean {
  let takenAt = -Infinity
  return () => {
    const stored = Number(tryOrUndefined(() => localStorage.getItem(key)) ?? NaN)
    // One from the future is from before the clock was set back.
    const ageMs = Date.now() - stored
    const sinceMs = Math.min(performance.now() - takenAt, ageMs >= 0 ? ageMs : Infinity)
    if (sinceMs < seconds * 1000) return false
    takenAt = performance.now()
    tryOrUndefined(() => localStorage.setItem(key, String(Date.now())))
    return true
  }
}
