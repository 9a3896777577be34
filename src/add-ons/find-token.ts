import type { AuthClient } from '../client/auth-client.ts'
import type { TokenOptions } from '../client/call-options.ts'
import { configInvalid } from '../protocol/request-parameters.ts'

/**
 * Finds the token that a request is sent with. Undefined where no user is signed in, and the
 * request is sent all the same.
 *
 * @throws AuthError `config_invalid`
 */
export function createTokenFinder(
  anonymous: 'reject' | 'send' | undefined,
  options: Omit<TokenOptions, 'cacheMode' | 'detailed' | 'signal'>,
): (auth: AuthClient<object>, signal: AbortSignal) => Promise<string | undefined> {
  if (!['reject', 'send'].includes(anonymous ?? 'reject')) throw configInvalid('anonymous')
  return async (auth, signal) => {
    if (anonymous !== 'send') return auth.getTokenSilently({ ...options, signal })
    if (auth.getSnapshot().status === 'anonymous') return undefined
    try {
      return await auth.getTokenSilently({ ...options, onLoginRequired: 'throw', signal })
    } catch (error) {
      if (auth.getSnapshot().status === 'anonymous') return undefined
      throw error
    }
  }
}
