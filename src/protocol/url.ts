import { AuthError } from '../errors.ts'

/** Parses a URL from outside; undefined where it is none. */
export function parseUrl(value: string, base?: string): URL | undefined {
  try {
    return new URL(value, base)
  } catch {
    return undefined
  }
}

/**
 * Whether a value is a URL that may carry credentials: https, or http to localhost (RFC
 * 8252, section 8.3).
 */
export function isSecureUrl(value: unknown): boolean {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  if (!url || hasUserInfo(url)) return false
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname))
  )
}

/**
 * Whether a URL is a page of an origin. `blob:https://…` has that origin too, and a user name makes
 * it no page that can be shown.
 */
function isPageOf(url: URL | undefined, origin: string): url is URL {
  return url?.origin === origin && /^https?:/.test(url.protocol) && !hasUserInfo(url)
}

function hasUserInfo({ username, password }: URL): boolean {
  return !!(username || password)
}

/**
 * The place to return to after a login, as a whole URL: only the page's own origin is let through,
 * in every spelling. The whole `href` is kept, never its path alone, which could be read as another
 * host (`//evil.example`).
 *
 * @throws AuthError `return_to_invalid`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.11.1 RFC 9700, section 4.11.1}
 */
export function checkReturnTo(returnTo: string): string {
  const url = parseUrl(returnTo, location.href)
  if (!isPageOf(url, location.origin)) throw new AuthError('return_to_invalid')
  return url.href
}

/**
 * A place on this origin as a router takes it: path, query and fragment. `/` where there is none.
 */
export function pathOf(url: string | undefined): string {
  if (url === undefined) return '/'
  const { pathname, search, hash } = new URL(url)
  // Two slashes at the beginning would be another host.
  return pathname.replace(/\/{2,}/g, '/') + search + hash
}

/**
 * A URL as the server is to compare it with what is registered there: an origin alone stays as it
 * was written, without a slash at its end.
 */
function toRegistered({ href }: URL, written: string): string {
  return href === `${written}/` ? written : href
}

/**
 * The place that the server sends the user to after a logout, as a whole URL; it may be on another
 * origin.
 *
 * @throws AuthError `config_invalid` unless it is https, or http to localhost
 */
export function resolvePostLogoutRedirectUri(value: string): string {
  const url = parseUrl(value, location.origin)
  if (!isSecureUrl(url?.href))
    throw new AuthError('config_invalid', { reason: 'postLogoutRedirectUri' })
  return toRegistered(url!, value)
}

/**
 * A redirect URI as a whole URL.
 *
 * @param option whose value it is
 * @throws AuthError `config_invalid` unless it is on the page's own origin, without a fragment (RFC
 *   6749, section 3.1.2)
 */
export function resolveRedirectUri(value: string, option = 'redirectUri'): string {
  const url = parseUrl(value, location.origin)
  if (!isPageOf(url, location.origin) || value.includes('#'))
    throw new AuthError('config_invalid', {
      reason: option,
      evidence: { expected: location.origin },
    })
  return toRegistered(url, value)
}
