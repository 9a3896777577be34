// Serves the demo app and an authorization server for it to sign in at: `npm start` and its end-to-end test both use it.
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { root } from './run.mjs'
import { findFreePort, serveStatic } from './static-server.mjs'

const demo = join(root, 'examples', 'demo')
/** What examples/demo/index.html says; on another port, that one is put in its place. */
const WRITTEN_ISSUER = 'http://localhost:4101'
/** Short, so that somebody who watches sees a token end and a silent renewal. */
const ACCESS_TOKEN_SECONDS = 60

/** @param {{ port?: number }} options the port of the demo; the authorization server takes the next, if it is free */
export async function serveDemo({ port = 0 } = {}) {
  const { createAuthorizationServer } = await import('../dist/testing/index.js')
  const { serveAuthorizationServer } = await import('../dist/testing/node.js')

  const appPort = await findFreePort(port)
  const issuerPort = await findFreePort(port && appPort + 1)
  const origin = `http://localhost:${appPort}`
  const issuer = `http://localhost:${issuerPort}`
  const server = createAuthorizationServer({
    issuer,
    accessTokenSeconds: ACCESS_TOKEN_SECONDS,
    clients: [
      {
        clientId: 'demo',
        redirectUris: [`${origin}/callback`],
        postLogoutRedirectUris: [`${origin}/`],
      },
    ],
  })
  const authorizationServer = await serveAuthorizationServer(server, { port: issuerPort })
  const app = await serveStatic({
    root: demo,
    port: appPort,
    respond: ({ url }) => respond(url.pathname, issuer),
  })
  return {
    origin,
    issuer,
    control: server.control,
    close: () => Promise.all([app.close(), authorizationServer.close()]).then(() => undefined),
  }
}

function respond(path, issuer) {
  if (path === '/docs/errors.md') {
    return {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: readFileSync(join(root, 'docs', 'errors.md')),
    }
  }
  if (extname(path) !== '') return {}
  const page = readFileSync(join(demo, 'index.html'), 'utf8')
  return {
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: page.replaceAll(WRITTEN_ISSUER, issuer),
  }
}
