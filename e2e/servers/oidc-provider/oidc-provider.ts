import type { Rotation } from '../../support/real-provider.ts'
import { serveRealServer } from '../../support/real-server.ts'
import { type Server, USER } from '../server.ts'

/** The one of e2e/real-*.spec.ts, which `npm test` runs. */
function createOidcProvider(rotation: Rotation, variant: string, more: Partial<Server>): Server {
  return {
    name: `oidc-provider-${rotation}`,
    title: 'oidc-provider',
    variant,
    from: 'repository',
    packages: ['oidc-provider'],
    start: async (_folder, appOrigin) => {
      const { issuer, close } = await serveRealServer(appOrigin, rotation)
      return { issuer, clientId: 'app', close }
    },
    loginForm: 'input[name=user]',
    logIn: async (page) => {
      await page.getByLabel('User name').fill(USER.login)
      await page.getByRole('button', { name: 'Log in' }).click()
    },
    ...more,
    expected: {
      // The accounts of the tests have no claims.
      claims: 'ID token: neither; UserInfo: neither',
      silent: 'web_message',
      ...more.expected,
    },
  }
}

export const oidcProviders: readonly Server[] = [
  createOidcProvider('none', 'refresh tokens stay', { expected: { refresh: 'stays the same' } }),
  createOidcProvider('grace', 'with a grace period', {
    note: 'A used refresh token works for half a minute more; it has no setting for that, the tests add it.',
  }),
  createOidcProvider('strict', 'strict', {
    note: 'A refresh token that is used twice ends all tokens of the login.',
  }),
]
