import type { ClientContext } from '../client/context.ts'
import type { SessionMark } from './session-epoch.ts'
import { callbacks } from '../client/callback-memo.ts'

/**
 * Forgets the session of an older generation in this page. The record in a shared storage is left to whoever ended the session:
 * it may be that of a newer login already.
 */
export function forgetSession(context: ClientContext, mark: SessionMark): void {
  context.mark = mark
  context.cache.clear()
  context.refreshGrant = undefined
  context.loginRequired.clear()
  // After a login as another user the pin stays: this page must not go over to that user without being asked.
  if (mark.loggedOut) {
    context.cookies.settle()
    unpinUser(context)
    // It holds tokens, and would sign in whoever processes the same response again.
    context.callback = undefined
    callbacks.delete(`${context.options.issuer} ${context.options.clientId}`)
  }
  if (!context.storage.shared) void context.storage.delete(context.sessionKey)
  context.session.signOut()
}

/** A person decides who is signed in from now on. */
export function unpinUser(context: ClientContext): void {
  context.pinnedSub = undefined
  context.userChanged = false
}

/** A mark that nothing begun before it agrees with. */
export function createMark(loggedOut: boolean): SessionMark {
  return { generation: crypto.randomUUID(), loggedOut }
}
