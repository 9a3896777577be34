import { AuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import type { Fetch, ServerMetadata } from './discovery.ts'
import { isTooDeep } from './id-token.ts'
import { cleanErrorValue } from './oauth-error.ts'
import { requireEndpoint } from './optional-endpoint.ts'

/**
 * Asks the UserInfo endpoint. The token goes into a header, never into a URL or a body (RFC 6750,
 * section 2.1).
 *
 * @throws AuthError `discovery_invalid` where the server has no such endpoint, or what the network
 *   gave
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#UserInfoRequest OpenID Connect Core, section 5.3.1}
 */
export async function sendUserInfoRequest(
  server: ServerMetadata,
  accessToken: string,
  fetch: Fetch,
): Promise<Response> {
  return fetch(requireEndpoint(server, 'userinfo_endpoint'), {
    method: 'GET',
    headers: { accept: 'application/json', authorization: `Bearer ${accessToken}` },
  })
}

/**
 * Reads the answer: a JSON object about the user whose ID token there is. Signed answers (JWT) are
 * for clients that have registered for them, and are refused.
 *
 * @param sub of the ID token
 * @throws AuthError `userinfo_invalid`, with the reason `status`, `content_type`, `format` or `sub`
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse OpenID Connect Core, section 5.3.2}
 */
export async function readUserInfo(
  response: Response,
  sub: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { status, headers } = response
  const body: unknown = await response.json().catch(() => undefined)
  // What somebody put on `Object.prototype` is not what the server said.
  const { sub: subject, error } = ownFields(body)
  const reason =
    status !== 200
      ? 'status'
      : headers.get('content-type') !== 'application/json'
        ? 'content_type'
        : Object(body) !== body || Array.isArray(body) || isTooDeep(body)
          ? 'format'
          : // Core 5.3.4: whatever else is said is then said of somebody else.
            subject !== sub
            ? 'sub'
            : undefined
  if (!reason) return body as Readonly<Record<string, unknown>>
  const oauthError = typeof error === 'string' ? { oauthError: cleanErrorValue(error) } : {}
  throw new AuthError('userinfo_invalid', { reason, status, ...oauthError })
}
