// What an API must check of an access token before it believes a word of the request: the signature
// by the server's keys, who issued it, for whom, until when (RFC 9068 section 4), and what it may
// be used for.
import * as oauth from 'oauth4webapi'

/** An answer that says why, as RFC 6750 section 3 has it. */
export class Refusal extends Error {
  constructor(status, parameters = {}) {
    super(`refused with ${status}`)
    this.status = status
    const words = Object.entries({ realm: 'orders', ...parameters })
    this.challenge = `Bearer ${words.map(([name, value]) => `${name}="${value}"`).join(', ')}`
  }
}

/**
 * @param {{ issuer: string, audience: string, scope: string }} expected
 * @returns a function that resolves with the claims of a request's token, or rejects with a
 *   {@link Refusal}
 */
export function createTokenCheck({ issuer, audience, scope }) {
  // Plain http, to this very machine only.
  const options = { [oauth.allowInsecureRequests]: true, [oauth.clockTolerance]: 0 }
  let server

  async function discover() {
    const url = new URL(issuer)
    const response = await oauth.discoveryRequest(url, options)
    return oauth.processDiscoveryResponse(url, response)
  }

  return async (request) => {
    if (!request.headers.has('authorization')) throw new Refusal(401)
    server ??= await discover()
    const claims = await oauth
      .validateJwtAccessToken(server, request, audience, options)
      .catch((error) => {
        // What is not about the token, such as keys that cannot be had, is no reason to sign
        // anybody out.
        if (!(error instanceof oauth.OperationProcessingError)) throw error
        const parameters = { error: 'invalid_token', error_description: 'The token is not valid' }
        throw new Refusal(401, parameters)
      })
    if (!String(claims.scope).split(' ').includes(scope)) {
      throw new Refusal(403, { error: 'insufficient_scope', scope })
    }
    return claims
  }
}
