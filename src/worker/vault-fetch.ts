import type { ServerMetadata } from '../protocol/discovery.ts'
import { isSecureUrl } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { HANDLE, type SentAnswer } from './messages.ts'
import { readGrant } from './read-grant.ts'
import { readText } from './read-text.ts'
import type { VaultConnection } from './vault-connection.ts'

/**
 * A `fetch` that has the worker send each grant, and the revocation of a refresh token. Where there
 * is no worker, the page sends a grant itself and does without the refresh token.
 *
 * @param send the app's `fetch`, or the browser's, for all other requests
 */
export function createVaultFetch(
  send: typeof fetch | undefined,
  { ask, isReady }: VaultConnection,
  getMetadata: () => ServerMetadata | undefined,
  timeoutMs: number,
): typeof fetch {
  return async (input, init = {}) => {
    const form = new URLSearchParams(init.body as URLSearchParams | undefined)
    const isGrant = form.has('grant_type')
    const isOfHandle = [form.get('refresh_token'), form.get('token')].some((value) =>
      value?.startsWith(HANDLE),
    )
    if (!isGrant && !isOfHandle) return (send ?? fetch)(input, init)
    // Asked each time: a worker that has the code and does not answer would lose the login.
    if (!(await isReady())) {
      if (isOfHandle) throw new TypeError()
      const response = await (send ?? fetch)(input, init)
      const { status, headers } = response
      const answer = readGrant({ status, headers, text: await readText(response) }, [])
      return toResponse(answer.toAnswer(undefined))
    }
    // The worker uses it by itself, and takes it as it is.
    const revocationEndpoint = getMetadata()?.revocation_endpoint
    const answer = await ask({
      verb: 'send',
      url: String(input),
      form: form.toString(),
      headers: [...new Headers(init.headers)],
      keepalive: init.keepalive === true,
      timeoutMs,
      revocationEndpoint: isSecureUrl(revocationEndpoint) ? revocationEndpoint : undefined,
    })
    if (!answer) throw new TypeError()
    return toResponse(ownFields<SentAnswer>(answer))
  }
}

function toResponse({ status, headers, text }: SentAnswer): Response {
  // As a redirect that was not followed.
  if (status < 200) return Response.error()
  return new Response(text || null, {
    status,
    statusText: '',
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
}
