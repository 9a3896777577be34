import { auth0Simulator } from './auth0-simulator/auth0-simulator.ts'
import { authHero } from './authhero/authhero.ts'
import { betterAuth } from './better-auth/better-auth.ts'
import { djangoOAuthToolkit } from './django-oauth-toolkit/django-oauth-toolkit.ts'
import { doorkeeper } from './doorkeeper/doorkeeper.ts'
import { glewlwyd } from './glewlwyd/glewlwyd.ts'
import { lemonLdapNg } from './lemonldap-ng/lemonldap-ng.ts'
import { oauth2MockServer } from './oauth2-mock-server/oauth2-mock-server.ts'
import { oidcProviders } from './oidc-provider/oidc-provider.ts'
import type { Server } from './server.ts'

/** In the order of the table. */
export const servers: readonly Server[] = [
  ...oidcProviders,
  betterAuth,
  authHero,
  auth0Simulator,
  oauth2MockServer,
  djangoOAuthToolkit,
  doorkeeper,
  lemonLdapNg,
  glewlwyd,
]

export function findServer(name: string): Server {
  const found = servers.find((server) => server.name === name)
  const names = servers.map((server) => server.name).join(', ')
  if (!found)
    throw new Error(`there is no server ${name || '""'}: npm run test:servers -- ${names}`)
  return found
}
