import { withKeys } from '../authorization/resolve-target.ts'
import { withDetails } from '../errors.ts'
import type { IdTokenClaims, TokenSet } from '../protocol/token-set.ts'
import type { Transaction } from '../protocol/transaction.ts'
import { pathOf } from '../protocol/url.ts'
import { addUserInfo } from '../renewal/add-user-info.ts'
import { tellStrategies } from '../renewal/run-strategies.ts'
import { createEntry } from '../session/token-cache.ts'
import type { CallbackResult } from './call-options.ts'
import type { SessionOwner } from './session-owner.ts'

/** A login whose tokens are there, and are not in the session yet. */
export interface Completion {
  readonly tokens: TokenSet
  readonly transaction: Transaction
  /** The one that the session has to be of. */
  generation: string
}

/** Claims that a `login_hint` may quote. */
const HINTED_CLAIMS = ['sub', 'email', 'preferred_username', 'upn', 'login_hint']

/**
 * What the silent requests of the session repeat: also the `login_hint` of the login, if it names
 * the user who came.
 */
function sessionParamsOf(
  { sessionParams, authorizationParams }: Transaction,
  claims: IdTokenClaims,
): Readonly<Record<string, string>> {
  const { login_hint, ...params }: Record<string, string> = {
    ...sessionParams,
    ...(authorizationParams['login_hint'] && { login_hint: authorizationParams['login_hint'] }),
  }
  const isFit = login_hint && HINTED_CLAIMS.some((name) => claims[name] === login_hint)
  return isFit ? { ...params, login_hint } : params
}

/**
 * Brings a login into the session, whatever brought its response.
 *
 * @param isAgain whether a client before this one has done so
 */
export async function enterLogin(
  owner: SessionOwner,
  completion: Promise<Completion> | Completion,
  isAgain = false,
): Promise<CallbackResult> {
  const { session, cookies, pause, loginRequired, options } = owner
  // A stored session of another user must be known first, so that it is ended properly.
  await session.restore()
  const outcome = await completion
  const { transaction } = outcome
  const { kind, appState, returnTo } = transaction
  const isLogin = kind !== 'silent_redirect'
  const tokens = await addUserInfo(owner, outcome.tokens, isLogin)
  const { claims } = tokens
  const known = session.identity?.claims
  if (isLogin) owner.loggedInAt = Date.now()
  try {
    // The client before this one may have stored it, and renewed since.
    if (!isAgain || known?.sub !== claims.sub || known.iat < claims.iat) {
      // The parameters of a fallback decide what its token is for; those of a login (a hint, a
      // language) do not.
      const isFallback = kind === 'fallback'
      const authorizationParams = isFallback ? transaction.authorizationParams : {}
      const { scope, audience, resource } = transaction
      const target = withKeys({ scope, audience, resource, authorizationParams })
      const entry = createEntry(tokens, target)
      const { generation } = outcome
      // A login for fewer scopes may bring no email, which a hint was.
      const all = known?.sub === claims.sub ? { ...known, ...claims } : claims
      const entering = isLogin
        ? session.signIn(tokens, entry, {
            generation,
            sessionParams: sessionParamsOf(transaction, all),
            isFallback,
          })
        : session.renewed(tokens, entry, { generation, refreshToken: undefined })
      // It is in the session at once. While it is being stored this client may be disposed of, and
      // the next one goes on from there.
      if (session.identity?.idToken === tokens.idToken)
        outcome.generation = session.epoch.generation
      await entering
    }
    if (isLogin) cookies.loggedIn(options.issuer)
    pause.end()
    loginRequired.clear()
    tellStrategies(owner, tokens)
  } catch (error) {
    throw withDetails(error, { appState, returnTo })
  }
  return { path: pathOf(returnTo), returnTo, appState, user: session.user! }
}
