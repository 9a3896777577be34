import { replaceAddress } from '../browser/replace-address.ts'
import type { AuthError } from '../errors.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../protocol/callback-url.ts'
import {
  createEndSessionUrl,
  LOGOUT_PARAMETERS,
  logoutStatePrefix,
  type EndSessionRequest,
} from '../protocol/end-session-request.ts'
import { checkParameters } from '../protocol/request-parameters.ts'
import type { Server } from '../protocol/server-source.ts'
import { isSecureUrl, resolvePostLogoutRedirectUri } from '../protocol/url.ts'
import type { HeldRefreshToken } from '../session/stored-refresh-token.ts'
import type { LogoutOptions } from './call-options.ts'
import type { ClientContext } from './context.ts'

/** Signs out: here and in all tabs at once, then at the server. See `AuthClient.logout`. */
export async function logout(
  context: ClientContext,
  { postLogoutRedirectUri, logoutParams, localOnly, signal }: LogoutOptions = {},
): Promise<void> {
  signal?.throwIfAborted()
  const returnTo = postLogoutRedirectUri ?? context.options.postLogoutRedirectUri
  const postLogoutUri = returnTo === undefined ? returnTo : resolvePostLogoutRedirectUri(returnTo)
  const given = {
    postLogoutRedirectUri: postLogoutUri,
    parameters: checkParameters('logoutParams', logoutParams, LOGOUT_PARAMETERS),
  }
  const { leaver, session, options, owner } = context
  let idToken: string | undefined
  const end = async (): Promise<HeldRefreshToken> => {
    const ended = await session.end()
    idToken = ended.idToken
    return ended.refreshToken
  }
  if (localOnly) {
    leaver.overtake()
    return void (await owner.endToken(await end()))
  }
  // Before any listener hears of it: an app may begin a login in the same moment, and that has to
  // wait.
  const left = leaver.leave({ isLogout: true, signal, navigate: options.navigate }, async (go) => {
    const asked = owner.server.get()
    // The metadata says where to revoke, too; without it there is no such place.
    await asked.catch(() => {})
    await owner.endToken(await ending)
    const url = await createUrl(context, asked, { ...given, idToken })
    if (url) await go(url)
  })
  const ending = end()
  await Promise.all([ending, left])
}

/**
 * Undefined where the server's session cannot be ended: the user is signed out here, and a
 * `warning` says so.
 */
async function createUrl(
  { options, owner }: ClientContext,
  server: Promise<Server>,
  request: Omit<EndSessionRequest, 'issuer' | 'clientId'>,
): Promise<URL | undefined> {
  let reason: string = 'end_session_endpoint'
  try {
    const { end_session_endpoint: endpoint } = (await server).metadata
    const { issuer, clientId } = options
    if (isSecureUrl(endpoint))
      return createEndSessionUrl(endpoint!, { ...request, issuer, clientId })
  } catch (error) {
    reason = (error as AuthError).code
  }
  owner.emit('warning', { code: 'server_session_remains', reason })
  return undefined
}

/**
 * Takes the `state` of a logout out of the address bar, and nothing else. It decides nothing: any
 * link may have one, and the epoch that the logout has set says who is signed out.
 *
 * @returns whether there was one
 */
export function cleanLogoutUrl({ options }: ClientContext): boolean {
  const isOurs = (state: string): boolean => state.startsWith(logoutStatePrefix(options))
  const url = new URL(location.href)
  if (!readCallbackUrl(url, isOurs)) return false
  const cleaned = cleanCallbackUrl(url, (name, value) => name === 'state' && isOurs(value))
  replaceAddress(history.state, cleaned)
  return true
}
