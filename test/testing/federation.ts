import type { AuthorizationServer, AuthorizationServerOptions } from 'sotto/testing'
import {
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  parseJwt,
  postToken,
  readBody,
  redirected,
} from './support.ts'

export const providerIssuer = 'http://localhost:4100'
export const callback = `${issuer}/idp/callback`

interface Settings {
  readonly server?: Partial<AuthorizationServerOptions>
  readonly provider?: Partial<AuthorizationServerOptions>
}

/** A server, a provider, and a browser that knows both. */
export const createThree = (settings: Settings = {}) => {
  const provider = createServer({
    issuer: providerIssuer,
    clients: [{ clientId: 'sotto', redirectUris: [callback] }],
    ...settings.provider,
  })
  const server = createServer({
    identityProviders: [{ id: 'acme', name: 'Acme ID', issuer: providerIssuer, clientId: 'sotto' }],
    fetch: provider.fetch,
    ...settings.server,
  })
  return { server, provider, browser: createBrowser(server, provider) }
}

export type Three = ReturnType<typeof createThree>

export const locationOf = (response: Response) => {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`no redirect but ${response.status}`)
  return location
}

/** Presses the button of the provider on the login page. */
export const press = async ({ browser }: Three, url = authorizationUrl()) =>
  browser.submit(await browser.open(url), { provider: 'acme' })

/**
 * Goes on to the provider and logs in there, unless its session does; resolves with the redirect to
 * the server's callback.
 */
export const logInAtProvider = async ({ browser }: Three, pressed: Response, user = 'alice') => {
  const page = await browser.open(locationOf(pressed))
  if (page.headers.has('location')) return page
  const fields = { action: 'login', username: user, password: user }
  return browser.submit(page, fields, providerIssuer)
}

export const logIn = async (three: Three, url = authorizationUrl(), user = 'alice') =>
  three.browser.open(locationOf(await logInAtProvider(three, await press(three, url), user)))

export const idTokenOf = async (server: AuthorizationServer, answer: Response) => {
  const code = redirected(answer).get('code') ?? ''
  return parseJwt((await readBody(await postToken(server, { code }))).id_token).claims
}
