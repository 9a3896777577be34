import { readSessionRecord } from '../session/session-record.ts'
import type { ClientContext } from './context.ts'
import type { AuthError } from '../errors.ts'
import { createEndSessionUrl, logoutStatePrefix } from '../protocol/end-session-request.ts'
import { isSecureUrl, resolvePostLogoutRedirectUri } from '../protocol/url.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../protocol/callback-url.ts'
import { createMark, forgetSession } from '../session/end-session.ts'
import { leave } from '../authorization/leave-page.ts'

export interface LogoutOptions {
  /** Where the server sends the user afterwards. Default: the client's option. */
  readonly postLogoutRedirectUri?: string
  /** Signs out here and in all tabs, and leaves the server's session alone. */
  readonly localOnly?: boolean
  /** Keeps the page from being left; the user is signed out here all the same. */
  readonly signal?: AbortSignal
}

/** Signs out: here and in all tabs at once, then at the server. See `AuthClient.logout`. */
export async function logout(
  context: ClientContext,
  { postLogoutRedirectUri, localOnly, signal }: LogoutOptions = {},
): Promise<void> {
  signal?.throwIfAborted()
  const returnTo = postLogoutRedirectUri ?? context.options.postLogoutRedirectUri
  const returnUri = returnTo === undefined ? returnTo : resolvePostLogoutRedirectUri(returnTo)
  if (localOnly) return signOutHere(context)
  const idToken = findIdToken(context)
  // Before anybody hears of it: an app may begin a login in the same moment, and that has to wait.
  const left = leave(context, true, signal, async (go) => {
    const url = await createUrl(context, returnUri, await idToken)
    await signedOut
    if (url) await go(url)
  })
  const signedOut = signOutHere(context)
  await Promise.all([signedOut, left])
}

async function signOutHere(context: ClientContext): Promise<void> {
  const mark = createMark(true)
  // First of all: whatever is under way, here or in another tab, finds it when it wants to store something.
  context.marker.write(mark)
  forgetSession(context, mark)
  context.broadcast.send(mark)
  await context.storage.delete(context.sessionKey)
}

/** What tells the server whose session it is; from the storage where this page has not looked into it yet. */
async function findIdToken(context: ClientContext): Promise<string | undefined> {
  const { session, storage, sessionKey, marker, options } = context
  if (session.identity) return session.identity.idToken
  const { generation } = marker.read()
  const record = readSessionRecord(await storage.get(sessionKey), options.issuer, options.clientId)
  const isCurrent = typeof record === 'object' && (record.generation === generation || !generation)
  return isCurrent ? record.idToken : undefined
}

/** Undefined where the server's session cannot be ended: the user is signed out here, and a `warning` says so. */
async function createUrl(
  { options, events, getServer }: ClientContext,
  postLogoutRedirectUri: string | undefined,
  idToken: string | undefined,
): Promise<URL | undefined> {
  let reason: string = 'end_session_endpoint'
  try {
    const { end_session_endpoint: endpoint } = (await getServer()).metadata
    const { issuer, clientId } = options
    if (isSecureUrl(endpoint))
      return createEndSessionUrl(endpoint!, { issuer, clientId, idToken, postLogoutRedirectUri })
  } catch (error) {
    reason = (error as AuthError).code
  }
  events.emit('warning', { code: 'server_session_remains', reason })
  return undefined
}

/**
 * Takes the `state` of a logout out of the address bar, and nothing else. It decides nothing: any link may have one, and the mark
 * that the logout has set says who is signed out.
 */
export function cleanLogoutUrl({ options }: ClientContext): void {
  const isOurs = (state: string): boolean => state.startsWith(logoutStatePrefix(options))
  const url = new URL(location.href)
  if (!readCallbackUrl(url, isOurs)) return
  const cleaned = cleanCallbackUrl(url, (name, value) => name === 'state' && isOurs(value))
  history.replaceState(history.state, '', cleaned)
}
