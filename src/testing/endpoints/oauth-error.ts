import type { JsonObject } from '../server/encoding.ts'

/** An error response (RFC 6749 section 4.1.2.1 or 5.2). */
export interface AuthorizationError {
  readonly error: string
  readonly description: string
}

/** An answer that nobody may keep. */
export function json(body: JsonObject, status = 200): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify(body), { status, headers })
}

/** What is wrong with a request. */
export const refuse = (error: string, description: string): AuthorizationError => ({
  error,
  description,
})

/** An error of the token endpoint (RFC 6749 section 5.2). */
export function oauthError({ error, description }: AuthorizationError, status = 400): Response {
  return json({ error, error_description: description }, status)
}

/** The client is not the one that it says, or cannot be. */
export function invalidClient(description: string): Response {
  const response = oauthError(refuse('invalid_client', description), 401)
  response.headers.set('www-authenticate', 'Basic')
  return response
}
