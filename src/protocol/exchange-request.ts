import { AuthError } from '../errors.ts'
import {
  clampLife,
  sendTokenRequest,
  checkTokenType,
  type TokenEndpoint,
} from './token-endpoint.ts'
import { readError, readTokenAnswer } from './token-response.ts'

/** What an exchange has brought. */
export interface ExchangedTokenSet {
  readonly accessToken: string
  /** `bearer` or `DPoP`; `n_a` for a token that is no access token. */
  readonly tokenType: string
  /** What it is, as a URN such as `urn:ietf:params:oauth:token-type:access_token`. */
  readonly issuedTokenType: string
  /** The granted scope; undefined where the server does not say: as it was asked for. */
  readonly scope: string | undefined
  readonly expiresInSeconds: number
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/**
 * Exchanges a token for another one, as a public client.
 *
 * @throws AuthError `token_error` or what the server's word means, `response_invalid` with the
 *   member as the reason, `token_type_unsupported`, `dpop_downgrade`, or what the network gave
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 RFC 8693, section 2}
 */
export async function exchangeSubjectToken(
  endpoint: TokenEndpoint,
  parameters: readonly string[][],
  secrets: readonly string[],
): Promise<ExchangedTokenSet> {
  const response = await sendTokenRequest(endpoint, GRANT_TYPE, parameters)
  const { status, body } = readTokenAnswer(response)
  const error = readError(body, status, secrets)
  if (error) throw error
  const {
    access_token: accessToken,
    issued_token_type: issuedTokenType,
    token_type: type,
    scope,
    expires_in: life,
  } = body
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  const refuse = (reason: string): never => {
    throw new AuthError('response_invalid', { reason, status })
  }
  if (status > 299) return refuse('status')
  if (!isText(accessToken)) return refuse('access_token')
  if (!isText(issuedTokenType)) return refuse('issued_token_type')
  if (!isText(type)) return refuse('token_type')
  // Some servers write the number as a text.
  const lifeSeconds = isText(life) || typeof life === 'number' ? Number(life) : undefined
  if (life != null && !(lifeSeconds! >= 0)) return refuse('expires_in')
  const tokenType = type.toLowerCase()
  return {
    accessToken,
    // What is no access token has none, so it is bound to no key either.
    tokenType: tokenType === 'n_a' ? tokenType : checkTokenType(endpoint, tokenType),
    issuedTokenType,
    scope: isText(scope) ? scope : undefined,
    expiresInSeconds: clampLife(lifeSeconds),
  }
}
