/** Of a URL with a response in it. */
const MAX_LENGTH = 65_536

/**
 * Reads an authorization response from the query or the fragment of a URL.
 *
 * @returns undefined where neither has a `state` that `isOurs` accepts, or it is longer than any
 *   response: the URL is none of our business then
 */
export function readCallbackUrl(
  url: URL,
  isOurs: (state: string) => boolean,
): URLSearchParams | undefined {
  // To read a link with hundreds of thousands of parameters would block the page for seconds.
  if (url.href.length > MAX_LENGTH) return undefined
  return [url.search, url.hash]
    .map((part) => new URLSearchParams(part.slice(1)))
    .find((parameters) => parameters.getAll('state').some(isOurs))
}

/**
 * The URL without the parameters of a response. Everything else in it stays as it is written: other
 * parameters, their order and encoding, the route of a hash router.
 */
export function cleanCallbackUrl(
  url: URL,
  isResponse: (name: string, value: string) => boolean,
): string {
  const isKept = (pair: string): boolean =>
    ![...new URLSearchParams(pair)].some(([name, value]) => isResponse(name, value))
  const clean = (part: string): string => {
    const pairs = part.slice(1).split('&')
    const kept = pairs.filter(isKept)
    if (kept.length === pairs.length) return part
    return kept.length ? part[0] + kept.join('&') : ''
  }
  const cleaned = new URL(url)
  cleaned.search = clean(url.search)
  cleaned.hash = clean(url.hash)
  return cleaned.href
}
