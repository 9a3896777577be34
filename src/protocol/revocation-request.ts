import {
  allowInsecureRequests,
  customFetch,
  None,
  processRevocationResponse,
  revocationRequest,
} from 'oauth4webapi'
import { isAuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import { requireEndpoint } from './optional-endpoint.ts'
import { describeClient, type TokenEndpoint } from './token-endpoint.ts'
import { toAuthError } from './token-error.ts'

export type TokenTypeHint = 'refresh_token' | 'access_token'

/**
 * Has the server end a token, as a public client. One that it does not know counts as ended.
 *
 * @throws AuthError `discovery_invalid` where the server has no such endpoint, `token_error` (`unsupported_token_type`, …),
 *   `response_invalid`, or what the network gave: the token may be good still
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 */
export async function revokeToken(
  endpoint: TokenEndpoint,
  token: string,
  hint: TokenTypeHint,
): Promise<void> {
  const { server, fetch } = endpoint
  requireEndpoint(server, 'revocation_endpoint')
  try {
    const options = ownFields({
      additionalParameters: { token_type_hint: hint },
      [customFetch]: fetch,
      // The endpoint was checked: http is there only for this very machine.
      [allowInsecureRequests]: true,
    })
    const client = describeClient(endpoint)
    const response = await revocationRequest(server, client, None(), token, options)
    await processRevocationResponse(response)
  } catch (error) {
    throw isAuthError(error) ? error : toAuthError(error)
  }
}
