// A page with two issuers, as an app has that lets its users choose. One of them is hostile, and
// has chosen its client ID well.
import type { Page } from '@playwright/test'
import type { AuthClient, SilentIframeOptions } from 'sotto'
import { type AuthorizationServerControl, createAuthorizationServer } from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { findFreePort } from '../../tools/static-server.ts'
import { findCollidingClientId } from './colliding-client-id.ts'
import { expect, test as base } from './fixtures.ts'
import { CLIENT_ID, type Pair } from './serve.ts'

export { arriveAtCallback } from './app-test.ts'
export { expect }

type Asked = Readonly<Record<string, string>>

/** The hostile issuer. */
interface Rogue {
  readonly issuer: string
  readonly clientId: string
  /** What it has seen: whatever reaches it is in the wrong hands. */
  readonly control: AuthorizationServerControl
  /** From now on its authorization endpoint sends everybody on to where this says. */
  readonly leadOn: (destination: (asked: Asked) => string) => void
}

type Name = 'honest' | 'rogue'

declare global {
  var honest: AuthClient
  var rogue: AuthClient
  /**
   * The clients that {@link openClients} has made, by name; a second one of each is made by
   * {@link makeTwin}.
   */
  var clients: Record<Name, AuthClient>
  /** How a promise ended, as data: `reason` is that of an error. */
  var endOf: (
    work: Promise<unknown>,
  ) => Promise<{ readonly value?: unknown; readonly code?: string; readonly reason?: string }>
  var makeTwin: (name: Name) => AuthClient
}

export interface ClientsSettings {
  readonly rogueRedirectUri?: string
  readonly requireIss?: boolean
  /** How the hostile client renews. */
  readonly silent?: SilentIframeOptions
}

interface Fixtures {
  readonly rogue: Rogue
  /** Opens a path of the app, with both clients there. */
  readonly open: (path: string, settings?: ClientsSettings) => Promise<void>
  /** Makes both clients in the page that is open. */
  readonly makeClients: (settings?: ClientsSettings) => Promise<void>
  /**
   * Logs in with one of the clients, up to the callback, where both are and neither has looked at
   * it.
   */
  readonly logInToCallback: (name: Name, settings?: ClientsSettings) => Promise<void>
}

const ISS_PROMISE = 'authorization_response_iss_parameter_supported'

/** Its users, who are named as those of the honest one are: a claim of theirs is worth nothing. */
const ROGUE_USERS = [{ sub: 'alice', username: 'mallory', password: 'mallory' }]

export const test = base.extend<Fixtures>({
  rogue: async ({ pair }, use) => {
    const port = await findFreePort()
    const issuer = `http://hostile.localhost:${port}`
    const honest = { issuer: pair.issuer, clientId: CLIENT_ID }
    const clientId = findCollidingClientId(issuer, honest)
    const redirectUris = ['/callback', '/rogue/callback'].map((path) => pair.app.origin + path)
    const server = createAuthorizationServer({
      issuer,
      clients: [{ clientId, redirectUris }],
      users: ROGUE_USERS,
    })
    // No attacker promises to be told from others.
    server.control.addFault({ endpoint: 'discovery', name: 'metadata', remove: [ISS_PROMISE] })
    let destination: ((asked: Asked) => string) | undefined
    const exchange: typeof server.exchange = async (request) => {
      const { pathname, searchParams } = new URL(request.url)
      if (!destination || pathname !== '/authorize') return server.exchange(request)
      const location = destination(Object.fromEntries(searchParams))
      return new Response(null, { status: 302, headers: { location } })
    }
    const listener = await serveAuthorizationServer({ ...server, exchange }, { port })
    await use({
      issuer,
      clientId,
      control: server.control,
      leadOn: (to) => {
        destination = to
      },
    })
    await listener.close()
  },

  makeClients: async ({ page, pair, rogue }, use) =>
    use(async (settings = {}) => {
      const { issuer } = pair
      await page.evaluate(makeClientsInPage, {
        honest: { issuer, clientId: CLIENT_ID },
        rogue: { issuer: rogue.issuer, clientId: rogue.clientId },
        settings,
      })
    }),

  open: async ({ page, makeClients }, use) =>
    use(async (path, settings) => {
      await page.goto(path)
      await makeClients(settings)
    }),

  logInToCallback: async ({ page, open, makeClients, signIn }, use) =>
    use(async (name, settings) => {
      await open('/', settings)
      await page.evaluate((one) => void clients[one].loginWithRedirect({ appState: one }), name)
      await signIn(page, name === 'honest' ? 'alice' : 'mallory')
      await page.waitForURL(/\/callback\?/)
      await makeClients(settings)
    }),
})

/** Runs in the page: it may refer to nothing outside itself. */
function makeClientsInPage({
  honest,
  rogue,
  settings: { rogueRedirectUri = '/callback', requireIss = false, silent = {} },
}: {
  readonly honest: { readonly issuer: string; readonly clientId: string }
  readonly rogue: { readonly issuer: string; readonly clientId: string }
  readonly settings: ClientsSettings
}): void {
  const options = {
    honest: { ...honest, requireIss, redirectUri: '/callback' },
    rogue: {
      ...rogue,
      requireIss,
      redirectUri: rogueRedirectUri,
      renewal: [sotto.silentIframe(silent)],
    },
  }
  globalThis.makeTwin = (name) => sotto.createAuthClient(options[name])
  globalThis.clients = { honest: makeTwin('honest'), rogue: makeTwin('rogue') }
  Object.assign(globalThis, clients)
  globalThis.endOf = (work) =>
    work.then(
      (value) => ({ value }),
      (error: unknown) => {
        if (!sotto.isAuthError(error)) throw error
        const { code, reason } = error
        return reason === undefined ? { code } : { code, reason }
      },
    )
}

/** What the hostile issuer was sent that is none of its business: codes, tokens, verifiers. */
export function lootOf({ control }: Rogue): string[] {
  return control
    .requests()
    .filter(({ endpoint }) => /token|userinfo|revocation/.test(endpoint))
    .map(({ method, endpoint }) => `${method} ${endpoint}`)
}

/** Makes the honest server one of those that name no issuer in their answers. */
export function leaveOutIss({ control }: Pair): void {
  control.addFault({ endpoint: 'discovery', name: 'metadata', remove: [ISS_PROMISE] })
  control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', remove: ['iss'] })
}

/**
 * Where the hostile authorization endpoint sends its users: to the honest one, to log in there for
 * the login that was begun here.
 */
export function leadOnToHonest(rogue: Rogue, { issuer, app }: Pair): void {
  rogue.leadOn((asked) => {
    const redirectUri = `${app.origin}/callback`
    const query = new URLSearchParams({
      ...asked,
      client_id: CLIENT_ID,
      redirect_uri: redirectUri,
    })
    return `${issuer}/authorize?${query}`
  })
}

/** The snapshots of both clients, as far as they say who is signed in. */
export function whoIsSignedIn(page: Page): Promise<Record<Name, string | undefined>> {
  return page.evaluate(async () => ({
    honest: (await honest.getIdToken())?.claims.iss,
    rogue: (await rogue.getIdToken())?.claims.iss,
  }))
}
