import type { AuthError } from '../errors.ts'
import type { WholeResponse } from './discovery.ts'
import { createOAuthError } from './oauth-error.ts'
import { ownJson } from './without-prototype.ts'

/** The members of a token response that this library reads. */
const MEMBERS: readonly string[] =
  /* @__PURE__ */ 'access_token token_type expires_in refresh_token scope id_token'.split(' ')

/** An answer of a token endpoint, with its body. */
export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The members of a JSON body, whatever it is called; none where it is no JSON object. */
  readonly body: Readonly<Record<string, unknown>>
}

export function readTokenAnswer({ status, headers, bodyText: text }: WholeResponse): TokenAnswer {
  return { status, headers, text, body: ownJson(text) }
}

/**
 * The error that a body names, as a string that is not empty (RFC 6749, section 5.2).
 *
 * @param secrets what was sent
 */
export function readError(
  { error, error_description }: Readonly<Record<string, unknown>>,
  status: number,
  secrets: readonly string[],
): AuthError | undefined {
  return typeof error === 'string' && error
    ? createOAuthError({ error, error_description }, 'token_error', { status, secrets })
    : undefined
}

/**
 * A token response as oauth4webapi takes it. An error is the server's word under any content type,
 * also with status 200; a member that is null or empty is absent, as servers mean it.
 *
 * @param secrets what was sent
 * @throws AuthError the server's own word
 */
export function tidyTokenResponse(
  { status, headers, text, body }: TokenAnswer,
  secrets: readonly string[],
): { readonly answer: Response; readonly idToken: unknown } {
  const error = readError(body, status, secrets)
  const type = body['token_type'] as string
  // Some servers have made them (201); oauth4webapi takes tokens with the status 200 only.
  const isGood = status < 300 && body['access_token'] && /^(bearer|dpop)$/i.test(type)
  if (error && !isGood) throw error
  const members = MEMBERS.map((name) => [name, body[name] ?? '']).filter(
    ([, value]) => value !== '',
  )
  const init = { status: isGood ? 200 : status, statusText: '', headers }
  const answer = new Response(text || null, init)
  // In place of reading it once more, through a stream.
  if (members.length) answer.json = async () => Object.fromEntries(members) as object
  return { answer, idToken: body['id_token'] }
}
