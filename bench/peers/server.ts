// One oidc-provider for all columns. Its endpoints have the paths and its issuer the slash that
// auth0-spa-js expects; the others read them from the metadata.
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { interact } from '../../e2e/support/real-interaction.ts'
import { createProvider } from '../../e2e/support/real-provider.ts'
import { findFreePort } from '../../tools/static-server.ts'
import { APPS, MODES } from './apps/bench-app.ts'

export const TAB_TOKEN_SECONDS = 61

/** What becomes of a request to the authorization endpoint that asks without the user. */
export type FrameAnswer = 'response' | 'refused' | 'page' | 'status 500' | 'none'

export interface BenchServer {
  readonly issuer: string
  /** How long each request waits before it is looked at. */
  delayMs: number
  frameAnswer: FrameAnswer
  /** How many requests there were, preflights included. */
  readonly requestCount: number
  readonly close: () => Promise<void>
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

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
    clients: ['app', 'app-refresh', 'app-tabs'].map((client_id) => ({
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
      client.clientId !== 'app',
    ttl: {
      // One that has just ended for every library, whatever its leeway (auth0-spa-js: 60 s).
      AccessToken: (_context: unknown, _token: unknown, client: { readonly clientId: string }) =>
        client.clientId === 'app-tabs' ? TAB_TOKEN_SECONDS : 3600,
      AuthorizationCode: 60,
      Interaction: 600,
      IdToken: 3600,
      Grant: 36_000,
      RefreshToken: 36_000,
      Session: 36_000,
    },
  })
  const handle = provider.callback()
  const bench: Writable<BenchServer> = {
    issuer,
    delayMs: 0,
    frameAnswer: 'response',
    requestCount: 0,
    close: async () => {},
  }
  const server = createServer((request, response) => {
    bench.requestCount++
    const answer = (): void => {
      if (request.url?.startsWith('/interaction/'))
        void interact(provider, 'alice', request, response)
      else if (bench.frameAnswer !== 'response' && request.url?.includes('prompt=none'))
        sendNoResponse(bench.frameAnswer, response)
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

function sendNoResponse(answer: FrameAnswer, response: ServerResponse): void {
  if (answer === 'none') return
  response.setHeader('content-type', 'text/html')
  if (answer === 'refused') response.setHeader('x-frame-options', 'DENY')
  if (answer === 'status 500') response.statusCode = 500
  response.end('<!doctype html><title>Log in</title>')
}
