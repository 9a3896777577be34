import {
  type AuthorizationServerControl,
  type AuthorizationServerOptions,
  createAuthorizationServer,
} from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { findFreePort } from '../../tools/static-server.ts'
import { type AppServer, serveApp } from './app-server.ts'
import { createCertificate } from './certificate.ts'

/**
 * How the app and the authorization server stand to each other:
 *
 * - `same-site`: two ports of localhost; cookies reach a frame in every browser.
 * - `cross-site`: 127.0.0.1 and localhost; cookies never reach a frame, whatever the browser's
 *   settings.
 * - `cross-site-https`: two hosts with `SameSite=None; Secure` cookies, so that the browser's
 *   settings decide.
 */
export type PairKind = 'same-site' | 'cross-site' | 'cross-site-https'

/** An app, its authorization server, and somebody else, each an origin of its own. */
export interface Pair {
  readonly kind: PairKind
  readonly app: AppServer
  readonly issuer: string
  /** What the authorization server has seen, and how it is made to misbehave. */
  readonly control: AuthorizationServerControl
  /** A third site: blank pages, until a test gives it others with `respondWith`. */
  readonly hostile: AppServer
  readonly close: () => Promise<void>
}

export const CLIENT_ID = 'app'

const hosts = {
  'same-site': { scheme: 'http', app: 'localhost', server: 'localhost' },
  'cross-site': { scheme: 'http', app: '127.0.0.1', server: 'localhost' },
  'cross-site-https': { scheme: 'https', app: 'app.localhost', server: 'idp.localhost' },
} as const

const HOSTILE_HOST = 'hostile.localhost'
const BLANK_PAGE = '<!doctype html><title>Somebody else</title>'

/**
 * Starts a pair on ports of its own; `options` go to the authorization server, at which the app may
 * have several clients.
 */
export async function servePair(
  kind: PairKind,
  options: Partial<AuthorizationServerOptions> = {},
  otherClientIds: readonly string[] = [],
): Promise<Pair> {
  const { scheme, ...names } = hosts[kind]
  const tls =
    scheme === 'https' ? createCertificate([names.app, names.server, HOSTILE_HOST]) : undefined
  const app = await serveApp({ host: names.app, ...(tls && { tls }) })
  const hostile = await serveApp({ host: HOSTILE_HOST, page: BLANK_PAGE, ...(tls && { tls }) })
  const port = await findFreePort()
  const issuer = `${scheme}://${names.server}:${port}`
  const server = createAuthorizationServer({
    issuer,
    clients: [CLIENT_ID, ...otherClientIds].map((clientId) => ({
      clientId,
      redirectUris: ['/callback', '/silent.html'].map((path) => app.origin + path),
      postLogoutRedirectUris: [`${app.origin}/`, `${app.origin}/logged-out`],
    })),
    // An RSA key takes a quarter of a second to make, and each issuer has its own.
    signingAlg: 'ES256',
    ...options,
  })
  const listener = await serveAuthorizationServer(server, { port, ...(tls && { tls }) })
  return {
    kind,
    app,
    issuer,
    control: server.control,
    hostile,
    close: async () => {
      await Promise.all([app.close(), hostile.close(), listener.close()])
    },
  }
}
