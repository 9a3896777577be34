import { encodeBase64url } from './base64url.ts'
import type { Transaction } from './transaction.ts'

/**
 * The S256 code challenge; `plain` does not exist here (RFC 7636, section 4.2). Not by
 * oauth4webapi, which asks for an ArrayBuffer of its own realm: jsdom has another one.
 */
export async function createCodeChallenge({ codeVerifier }: Transaction): Promise<string> {
  const bytes = new TextEncoder().encode(codeVerifier)
  return encodeBase64url(await crypto.subtle.digest('SHA-256', bytes))
}
