// Serves storezero, the authorization server that its users sign in at, an identity provider at
// which they may do so too, and the shop's API: `npm start` and the end-to-end tests both use it.
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { root } from '../../tools/run.ts'
import { findFreePort, serveStatic } from '../../tools/static-server.ts'
import { serveOrdersApi } from './api/orders-api.mjs'
import { HEADERS } from './headers.mjs'

const app = join(import.meta.dirname, 'app')
/** The servers that index.html names; on other ports, those are put in their place. */
const WRITTEN = /http:\/\/localhost:410([123])\b/g
/** Short, so that somebody who watches sees a token end and a silent renewal. */
const ACCESS_TOKEN_SECONDS = 60

/**
 * @param {{ port?: number }} options the port of the shop; the others take the next ones, where
 * they are free
 */
export async function serveStorezero({ port = 0 } = {}) {
  const { createAuthorizationServer } = await import('../../dist/testing/index.js')
  const { serveAuthorizationServer } = await import('../../dist/testing/node.js')

  const ports = []
  for (const offset of [0, 1, 2, 3]) ports.push(await findFreePort(port && port + offset))
  const [origin, issuer, api, provider] = ports.map((free) => `http://localhost:${free}`)
  // The browser holds it for another site than the server's, so that the server's cookies do not
  // reach a frame there.
  const otherSite = origin.replace('localhost', '127.0.0.1')
  const identityProvider = createAuthorizationServer({
    issuer: provider,
    name: 'Harbour ID',
    accent: '#1f5fbf',
    controlOrigins: [origin, otherSite],
    clients: [
      { clientId: 'zero-account', name: 'Zero Account', redirectUris: [`${issuer}/idp/callback`] },
    ],
    users: [customer('carol', 'Carol Danforth')],
  })
  const server = createAuthorizationServer({
    issuer,
    name: 'Zero Account',
    accent: '#c8401f',
    accessTokenSeconds: ACCESS_TOKEN_SECONDS,
    controlOrigins: [origin, otherSite],
    clients: [
      {
        clientId: 'storezero',
        name: 'storezero',
        redirectUris: [`${origin}/callback`, `${otherSite}/callback`],
        postLogoutRedirectUris: [`${origin}/`, `${otherSite}/`],
      },
    ],
    users: [
      customer('alice', 'Alice Liddell', { picture: `${origin}/people/alice.svg` }),
      {
        ...customer('bob', 'Bob Cratchit', { picture: `${origin}/people/bob.svg` }),
        secondFactor: true,
      },
    ],
    identityProviders: [
      { id: 'harbour', name: 'Harbour ID', issuer: provider, clientId: 'zero-account' },
    ],
  })
  const served = await Promise.all([
    serveAuthorizationServer(server, { port: ports[1] }),
    serveAuthorizationServer(identityProvider, { port: ports[3] }),
    serveOrdersApi({
      port: ports[2],
      issuer,
      shops: [origin, otherSite],
      now: () => server.control.snapshot().now,
    }),
    serveStatic({
      root: app,
      port: ports[0],
      respond: ({ url }) => {
        const { headers, ...answer } = respond(url.pathname, [issuer, api, provider])
        return { ...answer, headers: { ...HEADERS, ...headers } }
      },
    }),
  ])
  return {
    origin,
    otherSite,
    issuer,
    api,
    provider,
    control: server.control,
    providerControl: identityProvider.control,
    close: () => Promise.all(served.map(({ close }) => close())).then(() => undefined),
  }
}

/** Somebody who can sign in, with the user name as the password. */
function customer(username, name, claims) {
  return {
    sub: username,
    username,
    password: username,
    claims: {
      name,
      email: `${username}@example.com`,
      email_verified: true,
      ...claims,
    },
  }
}

function respond(path, servers) {
  if (path === '/docs/errors.md') {
    return {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: readFileSync(join(root, 'docs', 'errors.md')),
    }
  }
  if (extname(path) !== '') return {}
  const page = readFileSync(join(app, 'index.html'), 'utf8')
  return {
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: page.replace(WRITTEN, (_, number) => servers[number - 1]),
  }
}
