import { ownFields } from '../protocol/without-prototype.ts'
import { readCallbackUrl } from '../protocol/callback-url.ts'
import { isRedirectAddress } from '../protocol/redirect-address.ts'

/**
 * The response in an address that a frame has come back to: only our redirect URI counts. One with
 * another `state` is a response too, for the caller to refuse.
 */
export function readOwnResponse(
  address: string | undefined,
  redirectUri: string,
  state: string,
): URLSearchParams | undefined {
  if (!isRedirectAddress(address, redirectUri)) return undefined
  const url = new URL(address!)
  return readCallbackUrl(url, (value) => value === state) ?? readCallbackUrl(url, () => true)
}

/**
 * The response that our callback page (`sotto/silent-callback`) posts: the address that it was
 * loaded with.
 */
export function readCallbackMessage(
  data: unknown,
  redirectUri: string,
  state: string,
): URLSearchParams | undefined {
  const { type, href } = ownFields(data)
  return type === 'sotto:callback' && typeof href === 'string'
    ? readOwnResponse(href, redirectUri, state)
    : undefined
}
