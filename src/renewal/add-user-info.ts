import { isAuthError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { InternalContext } from './internal-strategy.ts'

/**
 * New tokens, with what else there is to know of their user, where the app wants that. A login goes
 * on without it.
 *
 * @param isKnown whether what is known of the user already will do
 */
export async function addUserInfo(
  context: InternalContext,
  tokens: TokenSet,
  isKnown: boolean,
): Promise<TokenSet> {
  const { userInfo } = context.options
  if (!userInfo || isKnown) return tokens
  try {
    return ownFields<TokenSet>({ ...tokens, userInfo: await userInfo(context, tokens) })
  } catch (error) {
    context.warn(isAuthError(error) ? error.code : 'userinfo_invalid', 'userInfo')
    return tokens
  }
}
