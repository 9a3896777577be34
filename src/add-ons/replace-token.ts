import type { AuthClient } from '../client/auth-client.ts'
import type { TokenOptions } from '../client/call-options.ts'

/**
 * The token to try again with, after a server refused one. Of many calls that are refused, one
 * renews; those whose answer comes later find what it got.
 */
export async function replaceToken(
  auth: AuthClient<object>,
  refused: string,
  options: Omit<TokenOptions, 'cacheMode' | 'detailed'>,
): Promise<string> {
  const current = await auth.getTokenSilently(options)
  return current === refused ? auth.getTokenSilently({ ...options, cacheMode: 'off' }) : current
}
