import { configInvalid } from '../protocol/request-parameters.ts'
import { isSecureUrl, parseUrl } from '../protocol/url.ts'

/**
 * Tells whether a token may go to a URL: one of the exact origins, or the page's own where `'self'`
 * is among them.
 *
 * @throws AuthError `config_invalid` for an entry that is no such origin
 */
export function createOriginCheck(allowedOrigins: readonly string[]): (url: URL) => boolean {
  // A string would allow every beginning of it.
  if (!Array.isArray(allowedOrigins) || !allowedOrigins.every(isOrigin))
    throw configInvalid('allowedOrigins')
  const origins = new Set<string>(allowedOrigins)
  return ({ origin, protocol }) =>
    // `blob:https://…` has that origin too.
    /^https?:$/.test(protocol) &&
    (origins.has(origin) || (origins.has('self') && origin === location.origin))
}

function isOrigin(value: unknown): boolean {
  return value === 'self' || (isSecureUrl(value) && parseUrl(value as string)?.origin === value)
}
