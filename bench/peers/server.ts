// One oidc-provider for all columns. Its endpoints have the paths and its issuer the slash that
// auth0-spa-js expects; the others read them from the metadata.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { interact } from '../../e2e/support/real-interaction.ts'
import { createProvider } from '../../e2e/support/real-provider.ts'
import { findFreePort } from '../../tools/static-server.ts'
import { APPS, MODES } from './apps/bench-app.ts'

export interface BenchServer {
  readonly issuer: string
  /** How long each request waits before it is looked at. */
  delayMs: number
  /** How many requests there were, preflights included. */
  readonly requestCount: number
  readonly close: () => Promise<void>
}

/** Serves it on a port of its own. It logs Alice in without asking. */
export async function serveBenchServer(appOrigin: string): Promise<BenchServer> {
  const port = await findFreePort()
  const issuer = `http://localhost:${port}/`
  const provider = await createProvider(issuer, appOrigin, 'strict', [], {
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      jwks: '/.well-known/jwks.json',
    },
    clients: ['app', 'app-refresh'].map((client_id) => ({
      client_id,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: APPS.flatMap((app) => [
        ...MODES.map((mode) => `${appOrigin}/${app}/${mode}/callback`),
        `${appOrigin}/${app}/silent.html`,
      ]),
    })),
    // oidc-client-ts renews with a refresh token as soon as it has one.
    issueRefreshToken: (_context: unknown, client: { readonly clientId: string }) =>
      client.clientId === 'app-refresh',
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Interaction: 600,
      IdToken: 3600,
      Grant: 36_000,
      RefreshToken: 36_000,
      Session: 36_000,
    },
  })
  const handle = provider.callback()
  const bench = { issuer, delayMs: 0, requestCount: 0, close: async () => {} }
  const server = createServer((request, response) => {
    bench.requestCount++
    const answer = (): void => {
      if (request.url?.startsWith('/interaction/'))
        void interact(provider, 'alice', request, response)
      else handle(request, response)
    }
    if (bench.delayMs > 0) void sleep(bench.delayMs).then(answer)
    else answer()
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  bench.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return bench
}
