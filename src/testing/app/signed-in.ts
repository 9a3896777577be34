import {
  createAuthClient,
  refreshToken,
  type AuthClient,
  type ClientOptions,
  type UserWith,
} from 'sotto'
import type { AuthorizationServer } from '../server/authorization-server.ts'

/** Who is signed in, and the options of the client. */
export interface SignedInOptions<Claims extends object = object> extends Partial<
  ClientOptions<Claims>
> {
  /** The user name or `sub` of a user of the server. Default: `alice`. */
  readonly user?: string
}

/**
 * A real client of a server for tests, with a user who is signed in: by the code flow, without a
 * page or a frame. Where the options say nothing else, it is the server's client `app` with the
 * redirect URI `/callback`, renews with a refresh token, and leaves the page for nothing: a login
 * or a logout goes to `navigate`, if there is one.
 *
 * Each client has a session of its own; `dispose` it when the test ends.
 *
 * @throws AuthError what a login does
 * @throws TypeError for a user that the server does not have, and where it does not lead back
 * @example
 * ```ts
 * const server = createAuthorizationServer({ issuer: 'https://login.example.com' })
 * const auth = await signedIn(server, { user: 'bob' })
 * server.control.advanceClock({ seconds: 600 })
 * auth.dispose()
 * ```
 */
export async function signedIn<Claims extends object = Record<never, never>>(
  server: Pick<AuthorizationServer, 'issuer' | 'fetch' | 'control'>,
  { user = 'alice', navigate = () => {}, ...options }: SignedInOptions<Claims> = {},
): Promise<AuthClient<UserWith<Claims>>> {
  let asked: URL | undefined
  const auth = createAuthClient<Claims>(
    {
      issuer: server.issuer,
      clientId: 'app',
      redirectUri: '/callback',
      scope: 'openid profile email offline_access',
      renewal: [refreshToken()],
      fetch: server.fetch,
      ...options,
      navigate: (url) => (asked ? navigate(url) : void (asked = url)),
    },
    // The clients of other tests are no part of this page.
    new Map(),
  )
  try {
    await auth.loginWithRedirect()
    const outcome = server.control.authorize({ url: String(asked), user })
    if (!('location' in outcome)) throw new TypeError('signedIn: the server does not lead back')
    await auth.handleRedirectCallback({ url: outcome.location })
    return auth
  } catch (error) {
    auth.dispose()
    throw error
  }
}
