import type { TokenSet } from '../protocol/token-set.ts'
import type { RenewalContext } from './renewal-strategy.ts'

/** Finds claims of a user that the ID token does not have: what `mergeUserInfo` gives. */
export type UserInfoSource = (
  context: RenewalContext,
  tokens: TokenSet,
) => Promise<Readonly<Record<string, unknown>>>
