import type { ProofHeaders, ProofOfPossession } from '../protocol/proof-of-possession.ts'
import { holdsSecret, isError } from '../protocol/secret-text.ts'

/**
 * A `fetch` that proves the possession of the key where it is asked for: with a grant, and with an
 * access token, which it sends as one that is bound. All other requests are as they were.
 *
 * @param send the app's `fetch`, or the browser's
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 RFC 9449, section 5}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7 RFC 9449, section 7}
 */
export function proveRequests(
  send: typeof fetch | undefined,
  prove: ProofOfPossession['send'],
): typeof fetch {
  return async (input, init = {}) => {
    const headers = new Headers(init.headers)
    const accessToken = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1]
    const isGrant = new URLSearchParams(init.body as URLSearchParams | undefined).has('grant_type')
    if (accessToken === undefined && !isGrant) return (send ?? fetch)(input, init)

    async function attempt(proof: ProofHeaders): Promise<Response> {
      for (const [name, value] of proof) headers.set(name, value)
      try {
        return await (send ?? fetch)(input, { ...init, headers })
      } catch (error) {
        // A proof is good for one request, but no error quotes it either.
        const secrets = proof.map(([, value]) => value)
        throw isError(error) && holdsSecret(error, secrets) ? new TypeError() : error
      }
    }
    const { method = 'GET' } = init
    return prove(attempt, { method, url: String(input), accessToken, isRepeatable: true })
  }
}
