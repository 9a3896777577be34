import { AuthError } from '../errors.ts'
import { requireEndpoint } from './optional-endpoint.ts'
import { postForm, type TokenEndpoint } from './token-endpoint.ts'
import { readError, readTokenAnswer } from './token-response.ts'

export type TokenTypeHint = 'refresh_token' | 'access_token'

/**
 * Has the server end a token, as a public client. One that it does not know counts as ended.
 *
 * @throws AuthError `discovery_invalid` where the server has no such endpoint, `token_error`
 *   (`unsupported_token_type`, …), `response_invalid` (reason `status`), or what the network gave:
 *   the token may be good still
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 */
export async function revokeToken(
  endpoint: Pick<TokenEndpoint, 'server' | 'clientId' | 'fetch'>,
  token: string,
  hint: TokenTypeHint,
): Promise<void> {
  const url = requireEndpoint(endpoint.server, 'revocation_endpoint')
  const form = [
    ['token', token],
    ['token_type_hint', hint],
  ]
  const response = await postForm(url, endpoint, form)
  const { status } = response
  if (status === 200) return
  const error = readError(readTokenAnswer(response).body, status, [token])
  throw error ?? new AuthError('response_invalid', { reason: 'status', status })
}
