import type { PushRequest } from '../authorization/push-request.ts'
import { AuthError } from '../errors.ts'
import type { WholeResponse } from '../protocol/discovery.ts'
import { requireEndpoint } from '../protocol/optional-endpoint.ts'
import { postForm } from '../protocol/token-endpoint.ts'
import { createOAuthError } from '../protocol/oauth-error.ts'
import { readTokenAnswer } from '../protocol/token-response.ts'

/** No server's reference is longer, and no address has room for much more. */
const MAX_REFERENCE = 2000

/**
 * For the option `par`: every authorization request, also a silent one, is handed to the server
 * ahead of it, and the address of the server's page has nothing but a reference. It is never sent
 * the other way: where the server has no such endpoint, or refuses, the login fails.
 *
 * The client fails with `discovery_invalid` (reason `pushed_authorization_request_endpoint`) where
 * the metadata has no such endpoint, `authorization_error` or what the server's word means where it
 * refuses, `response_invalid` where its answer has no reference that is good, and what the network
 * gave.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9126 RFC 9126}
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, par: pushedAuthorizationRequest() })
 * ```
 */
export function pushedAuthorizationRequest(): PushRequest {
  return async ({ clientId, fetch, metadata }, request) => {
    const endpoint = requireEndpoint(metadata, 'pushed_authorization_request_endpoint')
    // The server's own address may have a query, which is not ours to push.
    const page = new URL(metadata.authorization_endpoint)
    const parameters = [...request.searchParams].filter(
      ([name]) => name !== 'client_id' && !page.searchParams.has(name),
    )
    const response = await postForm(endpoint, { clientId, fetch }, parameters)
    const reference = await readReference(response, parameters)
    page.searchParams.set('client_id', clientId)
    page.searchParams.set('request_uri', reference)
    return page
  }
}

/** What the server may have quoted of the request. */
const SECRET = /^(state|nonce|id_token_hint|login_hint)$/

/** @see {@link https://www.rfc-editor.org/rfc/rfc9126#section-2.2 RFC 9126, section 2.2} */
async function readReference(
  response: WholeResponse,
  parameters: readonly (readonly [string, string])[],
): Promise<string> {
  const { status } = response
  const { body } = readTokenAnswer(response)
  const secrets = parameters.filter(([name]) => SECRET.test(name)).map(([, value]) => value)
  const { error, error_description, request_uri: reference, expires_in: life } = body
  if (typeof error === 'string' && error)
    throw createOAuthError({ error, error_description }, 'authorization_error', {
      status,
      secrets,
    })
  const reason =
    status !== 201
      ? 'status'
      : typeof reference !== 'string' || !reference || reference.length > MAX_REFERENCE
        ? 'request_uri'
        : !(typeof life === 'number' && life > 0)
          ? 'expires_in'
          : undefined
  if (reason) throw new AuthError('response_invalid', { reason, status })
  return reference as string
}
