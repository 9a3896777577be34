import { AuthError } from '../errors.ts'
import type { ServerMetadata } from './discovery.ts'
import { isSecureUrl } from './url.ts'

/**
 * The URL of an endpoint that not every server has.
 *
 * @throws AuthError `discovery_invalid`, with the name as the reason, where there is none that may
 *   be sent a secret
 */
export function requireEndpoint(
  server: ServerMetadata,
  name: 'userinfo_endpoint' | 'revocation_endpoint' | 'pushed_authorization_request_endpoint',
): string {
  const url = server[name]
  if (!isSecureUrl(url)) throw new AuthError('discovery_invalid', { reason: name })
  return url!
}
