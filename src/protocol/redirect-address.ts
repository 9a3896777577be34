import { parseUrl } from './url.ts'

/**
 * Whether an address is a redirect URI, with or without a response in it: the same origin and path,
 * and the redirect URI's own query. Hosts tidy paths, so a slash at the end, `.html` and
 * `index.html` make no difference.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.4.2 RFC 9700, section 4.4.2}
 */
export function isRedirectAddress(address: string | undefined, redirectUri: string): boolean {
  const url = address === undefined ? undefined : parseUrl(address)
  const expected = parseUrl(redirectUri)
  return (
    !!url &&
    !!expected &&
    url.origin === expected.origin &&
    tidyPath(url) === tidyPath(expected) &&
    [...expected.searchParams].every(([name, value]) =>
      url.searchParams.getAll(name).includes(value),
    )
  )
}

/** Whether two redirect URIs lead to the same page, as far as a host may tidy them. */
export function isSameRedirectUri(one: string, other: string): boolean {
  return isRedirectAddress(one, other) && isRedirectAddress(other, one)
}

function tidyPath({ pathname }: URL): string {
  return pathname
    .replace(/\/index\.html$/, '/')
    .replace(/\.html$/, '')
    .replace(/\/$/, '')
}
