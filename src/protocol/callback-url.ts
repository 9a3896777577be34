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
  // A hash router that was made before takes a response for its route: it has put a slash before it.
  return [url.search, url.hash]
    .map(parse)
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
  // The route of a hash router may have the name of a parameter, and has no value.
  const isKept = (pair: string): boolean =>
    /^#[^=]*$/.test(pair) || ![...parse(pair)].some((parameter) => isResponse(...parameter))
  const clean = (part: string): string => part.split('&').filter(isKept).join('&')
  const cleaned = new URL(url)
  cleaned.search = clean(url.search)
  cleaned.hash = clean(url.hash)
  return cleaned.href
}

/**
 * Parameters, of which the first may have the `?` or `#` before it. A hash router that was made
 * before takes a response for its route: it has put a slash there, too.
 */
function parse(part: string): URLSearchParams {
  return new URLSearchParams(part.replace(/^#\/?/, ''))
}
