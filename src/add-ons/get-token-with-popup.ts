import { withKeys } from '../authorization/resolve-target.ts'
import type { AuthClient } from '../client/auth-client.ts'
import type { TokenDetails } from '../client/call-options.ts'
import type { ClientContext } from '../client/context.ts'
import { describeToken } from '../client/get-token-silently.ts'
import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { storeTokens } from '../renewal/run-strategies.ts'
import type { TokenEntry } from '../session/token-cache.ts'
import type { PopupTokenOptions } from './popup-options.ts'
import { requestByPopup, type PopupOutcome } from './popup-request.ts'

/**
 * Gets an access token for which the server has to ask the user something, in a popup: a consent
 * for more scopes, a second factor. For the user who is signed in, and no other. The server is
 * asked in any case; afterwards `getTokenSilently` has the token for the same options. Like
 * `loginWithPopup`, it is to be called in the click itself.
 *
 * @returns the token, or with `detailed` a {@link TokenDetails}
 * @throws AuthError `login_required` where nobody is signed in, `logged_out`; `user_changed` where
 *   somebody else has logged in in the popup, and who was signed in no longer is; and what
 *   `loginWithPopup` does
 * @example
 * ```ts
 * button.addEventListener('click', async () => {
 *   const token = await getTokenWithPopup(auth, { scope: 'calendar:write' })
 * })
 * ```
 */
export async function getTokenWithPopup(
  auth: AuthClient<object>,
  options?: PopupTokenOptions & { readonly detailed?: false | undefined },
): Promise<string>
export async function getTokenWithPopup(
  auth: AuthClient<object>,
  options: PopupTokenOptions & { readonly detailed: true },
): Promise<TokenDetails>
export async function getTokenWithPopup(
  auth: AuthClient<object>,
  options?: PopupTokenOptions,
): Promise<string | TokenDetails>
export async function getTokenWithPopup(
  auth: AuthClient<object>,
  options: PopupTokenOptions = {},
): Promise<string | TokenDetails> {
  const call = ownFields({ ...options, appState: undefined, sessionParams: undefined })
  const entry = await requestByPopup(auth, call, { name: 'token', check: assertUser, finish })
  return ownFields<PopupTokenOptions>(options).detailed ? describeToken(entry) : entry.accessToken
}

function assertUser({ session }: ClientContext, isRestored: boolean): void {
  const isKnown = isRestored || session.getSnapshot().status !== 'loading'
  if (!isKnown) return
  session.assertSilent()
  if (!session.identity) throw new AuthError('login_required')
}

async function finish({ context, target, tokens, generation }: PopupOutcome): Promise<TokenEntry> {
  const { owner } = context
  // How the user was asked is no part of what the token is for.
  const { prompt: _, ...authorizationParams } = target.authorizationParams
  const asked = withKeys({ ...target, authorizationParams })
  // As the session is now.
  const entry = await storeTokens(owner, tokens, asked, { generation, revision: undefined })
  owner.pause.end()
  return entry
}
