import { readUserInfo, sendUserInfoRequest } from '../protocol/user-info.ts'
import type { UserInfoSource } from '../renewal/user-info-source.ts'

/**
 * For the option `userInfo`: asks the UserInfo endpoint after a login, and once in a page that has
 * nothing stored, for servers that put name and e-mail there only. Its claims are the user's, and
 * given to the schema of the option `claims`; where the ID token has the same claim, that one
 * counts. Renewals do not ask again.
 *
 * Where the endpoint fails, or answers for another user, the login goes on without it, with a
 * `warning`.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#UserInfo OpenID Connect Core, section 5.3}
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, userInfo: mergeUserInfo() })
 * ```
 */
export function mergeUserInfo(): UserInfoSource {
  return async ({ metadata, fetch }, { accessToken, claims }) =>
    readUserInfo(await sendUserInfoRequest(await metadata(), accessToken, fetch), claims.sub)
}
