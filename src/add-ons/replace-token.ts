import type { AuthClient } from '../client/auth-client.ts'
import type { TokenOptions } from '../client/call-options.ts'

/** For how long a token that came in place of a refused one is not replaced itself. */
const REST_MS = 10_000

/** When tokens came in place of refused ones, by client, on the clock of `performance.now()`. */
const replacements: WeakMap<object, Map<string, number>> = /* @__PURE__ */ new WeakMap()

/**
 * The token to try again with, after a server refused one. Of many calls that are refused, one
 * renews; those whose answer comes later find what it got.
 *
 * @returns undefined where the one that was refused has itself just come in place of another: the
 *   server refuses them all, and one more would change nothing
 */
export async function replaceToken(
  auth: AuthClient<object>,
  refused: string,
  options: Omit<TokenOptions, 'cacheMode' | 'detailed'>,
): Promise<string | undefined> {
  const current = await auth.getTokenSilently(options)
  if (current !== refused) return current
  // The same one for calls for several APIs at once, each of which adds to it.
  const recent = replacements.get(auth) ?? new Map<string, number>()
  replacements.set(auth, recent)
  for (const [token, at] of recent) if (performance.now() - at >= REST_MS) recent.delete(token)
  if (recent.has(refused)) return undefined
  const next = await auth.getTokenSilently({ ...options, cacheMode: 'off' })
  recent.set(next, performance.now())
  return next
}
