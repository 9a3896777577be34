import type { ClientContext } from '../client/context.ts'
import type { BroadcastHandlers } from '../session/broadcast.ts'
import type { SessionMark } from '../session/session-epoch.ts'
import { isAuthError } from '../errors.ts'
import { whenVisible } from '../browser/environment.ts'
import { forgetSession } from '../session/end-session.ts'
import { renew } from './renew.ts'
import { reloadSession } from '../session/stored-session.ts'
import { resolveTarget } from '../authorization/target.ts'

/** When a shared storage is looked at after somebody logged in elsewhere, each since the last, in milliseconds. */
const LOOK_AGAIN_MS = [0, 50, 200]

/** Follows what happens in other tabs of the same issuer and client. */
export function createTabHandlers(getContext: () => ClientContext): BroadcastHandlers {
  const follow = (mark: SessionMark, loginId?: unknown): void => {
    const context = getContext()
    // The hint may be here before the mark can be read.
    context.marker.remember(mark)
    if (mark.generation !== context.mark.generation) forgetSession(context, mark)
    context.mark = mark
    const isKnown = loginId !== undefined && loginId === context.loginId
    if (!mark.loggedOut && !isKnown && context.session.getSnapshot().status !== 'loading')
      void lookAgain(context)
  }
  return {
    onHint: follow,
    onMark() {
      const { mark, marker } = getContext()
      const { generation, loggedOut } = marker.read()
      if (generation !== mark.generation || loggedOut !== mark.loggedOut)
        follow({ generation, loggedOut })
    },
  }
}

/** Someone logged in elsewhere: takes over the shared session, or asks the server who it is now. */
async function lookAgain(context: ClientContext): Promise<void> {
  const { storage, session, cache } = context
  context.loginRequired.clear()
  await whenVisible()
  try {
    // Browsers deliver messages before what was written earlier can be read in another process.
    for (const delayMs of storage.shared ? LOOK_AGAIN_MS : []) {
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await reloadSession(context)
      if (session.identity && cache.entries().length) return
    }
    if (context.disposed) return
    await renew(context, resolveTarget(context, {}), true, { background: true })
  } catch (error) {
    // The snapshot and the `renewal` event tell what came of it; nobody called, so nobody is answered.
    if (!isAuthError(error)) throw error
  }
}
