import { resolveTarget } from '../authorization/resolve-target.ts'
import { whenVisible } from '../browser/environment.ts'
import { isAuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { ErrorSnapshot } from '../session/auth-snapshot.ts'
import type { BroadcastHandlers } from '../session/broadcast.ts'
import type { SessionEpoch } from '../session/session-epoch.ts'
import { IN_BACKGROUND, renew, type RenewContext } from './renew.ts'
import { partOf } from './run-strategies.ts'

/**
 * When a shared storage is looked at after a login in another tab, each since the last, in
 * milliseconds.
 */
const LOOK_AGAIN_MS = [0, 50, 200]

export interface FollowContext extends RenewContext {
  readonly isDisposed: () => boolean
  /** Another map since each login in another tab: what is under way is asked once more then. */
  loginRequired: RenewContext['loginRequired']
  /** The look at a login of another tab that is under way, or that waits for the page to be seen. */
  looking: Promise<void> | undefined
}

/**
 * Follows what happens in other tabs of the same issuer and client. A logout is believed at once.
 * Any other hint means that it is time to look, and says nothing of what will be found.
 */
export function createTabHandlers(getContext: () => FollowContext): BroadcastHandlers {
  return {
    onHint: (told) => follow(getContext(), getContext().session.hear(told)),
    onChange: () => lookAround(getContext()),
  }
}

function follow(context: FollowContext, { loggedOut }: SessionEpoch, isNews = true): void {
  context.pause.end()
  if (loggedOut) return
  context.loginRequired = new Map()
  if (context.session.getSnapshot().status === 'loading') return
  // One look answers all hints that come meanwhile.
  context.looking ??= lookAgain(context, isNews).finally(() => (context.looking = undefined))
}

/**
 * Looks at what all tabs agree on, without a request, and follows it where it is new; or where it is
 * not known who is signed in, because of something that may have passed.
 */
function lookAround(context: FollowContext): void {
  const { session } = context
  const { generation, loggedOut } = session.epoch
  const { error } = session.getSnapshot() as Partial<ErrorSnapshot>
  const found = session.look()
  const isNews = found.generation !== generation || found.loggedOut !== loggedOut
  if (isNews || error?.retryable) follow(context, found, isNews)
}

/**
 * Looks at the other tabs, and ends the pause, where the page or its network comes back. From the
 * back/forward cache it becomes visible before `pageshow` tells so.
 */
export function watchPage(context: FollowContext, signal: AbortSignal): void {
  const whileOpen = ownFields({ signal })
  const resume = (): void => {
    context.pause.end()
    lookAround(context)
  }
  const resumeIfVisible = (): unknown => document.visibilityState === 'visible' && resume()
  addEventListener('online', resume, whileOpen)
  document.addEventListener('visibilitychange', resumeIfVisible, whileOpen)
  // Own property: a polluted prototype must not add one.
  for (const strategy of context.options.renewal)
    addEventListener('pagehide', () => partOf(strategy, 'onPageHide')?.(context), whileOpen)
}

/** Takes over the shared session, or asks the server who is signed in now. */
async function lookAgain(context: FollowContext, isNews: boolean): Promise<void> {
  const { session } = context
  await whenVisible()
  try {
    // Browsers deliver messages before what was written earlier can be read in another process.
    for (const delayMs of session.isShared ? LOOK_AGAIN_MS : []) {
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await session.reload()
      if (session.identity && session.entries().length) return
    }
    if (context.isDisposed()) return
    // What was asked for before a login does not answer for what is after it.
    await renew(context, resolveTarget(context.options, ownFields({})), isNews, IN_BACKGROUND)
  } catch (error) {
    // The snapshot and the `renewal` event tell what came of it; no call waits for an answer.
    if (!isAuthError(error)) throw error
  }
}
