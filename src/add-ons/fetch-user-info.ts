import type { AuthClient } from '../client/auth-client.ts'
import { contextOf } from '../client/context.ts'
import { waitFor } from '../browser/single-flight.ts'
import { AuthError } from '../errors.ts'
import type { TokenOptions } from '../client/call-options.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { readUserInfo, sendUserInfoRequest } from '../protocol/user-info.ts'
import { whileAlive } from './lifetime.ts'
import { replaceToken } from './replace-token.ts'
import { deepFreeze, parseClaims } from '../session/user.ts'

/**
 * Which token the server is asked with, as for `getTokenSilently`. Default: the one of the client's
 * own scope and audience.
 */
export type UserInfoOptions = Pick<
  TokenOptions,
  'scope' | 'audience' | 'resource' | 'authorizationParams' | 'onLoginRequired' | 'signal'
>

/**
 * Asks the server what it knows of the user now, beyond what is in the ID token: one request a
 * call, with the access token that `getTokenSilently` has for the same options. Some servers take
 * none there that is for an API: an `audience` of `''` asks for one without. After a 401 it gets a
 * new token and tries once more.
 *
 * The claims are frozen and of the very user who is signed in. The schema of the option `claims` is
 * given them together with those of the ID token. `getUser`, the ID token and the snapshot stay as
 * they are.
 *
 * @throws AuthError `userinfo_invalid` where the answer is refused, `discovery_invalid` where the
 *   server has no UserInfo endpoint, `claims_invalid` where the schema refuses them, `logged_out`
 *   or `user_changed` where the session ended meanwhile, and what `getTokenSilently` does
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#UserInfo OpenID Connect Core, section 5.3}
 * @example
 * ```ts
 * const { email_verified, address } = await fetchUserInfo(auth)
 * ```
 */
export async function fetchUserInfo<U extends object>(
  auth: AuthClient<U>,
  options: UserInfoOptions = {},
): Promise<U> {
  const context = contextOf(auth)
  const call = ownFields({ ...options, cacheMode: 'on', detailed: false }) as UserInfoOptions
  const accessToken = await auth.getTokenSilently(call)
  const { session, owner } = context
  const { identity } = session
  const generation = session.currentGeneration()
  if (!identity) throw new AuthError('logged_out')

  const send = async (token: string): Promise<Response> =>
    sendUserInfoRequest(await owner.metadata(), token, owner.fetch)
  const ask = (token: string): Promise<Response> => {
    call.signal?.throwIfAborted()
    return whileAlive(context, waitFor(send(token), call))
  }
  let response = await ask(accessToken)
  const next = response.status === 401 && (await replaceToken(auth, accessToken, call))
  if (next) response = await ask(next)
  session.assertCurrent(generation)
  const claims = deepFreeze(await readUserInfo(response, identity.claims.sub))
  const schema = context.options.claims
  const made = schema && parseClaims(schema, { ...identity.claims, ...claims })
  return Object.freeze({ ...claims, ...made }) as U
}
