import { waitFor } from '../browser/single-flight.ts'
import { isAuthError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { InternalContext } from './internal-strategy.ts'

/**
 * New tokens, with what else there is to know of their user, where the app wants that. A login goes
 * on without it, also where one of the app's own does not answer, as where it asks this client for
 * a token, which waits for the login.
 *
 * @param isLogin of a person: else what is known of the user already will do
 */
export async function addUserInfo(
  context: InternalContext,
  tokens: TokenSet,
  isLogin?: boolean,
): Promise<TokenSet> {
  const { userInfo, timeoutMs } = context.options
  if (!userInfo || (!isLogin && context.session.identity?.userInfo)) return tokens
  try {
    const asked = Promise.resolve(userInfo(context, tokens))
    const found = await waitFor(asked, { signal: undefined, timeoutMs })
    return ownFields<TokenSet>({ ...tokens, userInfo: found })
  } catch (error) {
    context.warn(isAuthError(error) ? error.code : 'userinfo_invalid', 'userInfo')
    return tokens
  }
}
