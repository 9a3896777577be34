import { expect, test } from 'vitest'
import type { AuthorizationServerOptions } from 'sotto/testing'
import {
  authorizationUrl,
  createBrowser,
  createCode,
  createServer,
  issuer,
  postRefresh,
  postToken,
  readBody,
  redirected,
  redirectUri,
} from './support.ts'

const goodbye = 'http://localhost:3000/goodbye'
const clients = [
  { clientId: 'app', redirectUris: [redirectUri], postLogoutRedirectUris: [goodbye] },
  { clientId: 'other', redirectUris: [redirectUri], postLogoutRedirectUris: [] },
]

type Parameters = Readonly<Record<string, string>>

const logoutUrl = (parameters: Parameters = {}) =>
  `${issuer}/end-session?${new URLSearchParams(parameters).toString()}`

/** A browser in which alice is logged in, and what the app got. */
const signedIn = async (options: Partial<AuthorizationServerOptions> = {}) => {
  const server = createServer({ clients, ...options })
  const browser = createBrowser(server)
  const url = authorizationUrl({ scope: 'openid offline_access' })
  const code = redirected(await browser.logIn(url)).get('code') ?? ''
  const { id_token: hint, refresh_token: refreshToken } = await readBody(
    await postToken(server, { code }),
  )
  const isSignedIn = async () =>
    redirected(await browser.open(authorizationUrl({ prompt: 'none' }))).has('code')
  return { server, browser, hint, refreshToken, isSignedIn }
}

const press = async (page: Response, open: ReturnType<typeof createBrowser>['open']) => {
  const confirmation = /name="confirmation" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const body = new URLSearchParams({ confirmation })
  return open(`${issuer}/end-session`, { method: 'POST', body })
}

test('is in the metadata, unless it is turned off', async () => {
  const metadata = async (endSession: boolean) =>
    readBody(await createServer({ endSession }).fetch(`${issuer}/.well-known/openid-configuration`))
  expect(await metadata(true)).toHaveProperty('end_session_endpoint', `${issuer}/end-session`)
  expect(await metadata(false)).not.toHaveProperty('end_session_endpoint')
  expect((await createServer({ endSession: false }).fetch(logoutUrl())).status).toBe(404)
})

test('ends the session of the hint, removes the cookie and goes back with the state', async () => {
  const { server, browser, hint, isSignedIn } = await signedIn()
  expect(await isSignedIn()).toBe(true)
  const parameters = {
    id_token_hint: hint,
    client_id: 'app',
    post_logout_redirect_uri: goodbye,
    state: 'a state&',
    ui_locales: 'de fr',
  }
  const response = await browser.open(logoutUrl(parameters))
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe(`${goodbye}?state=a+state%26`)
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^as_session_\w+=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/),
  ])
  expect(server.control.sessions()).toEqual([])
  expect(await isSignedIn()).toBe(false)
})

test('takes a form as well, and goes back without a state that was not sent', async () => {
  const { server, browser, hint } = await signedIn()
  const body = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbye })
  const response = await browser.open(`${issuer}/end-session`, { method: 'POST', body })
  expect(response.headers.get('location')).toBe(goodbye)
  expect(server.control.sessions()).toEqual([])
})

test('says that the user is signed out when there is nowhere to go back to', async () => {
  const { server, browser, hint } = await signedIn()
  const page = await browser.open(logoutUrl({ id_token_hint: hint }))
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('You are signed out')
  expect(server.control.sessions()).toEqual([])
})

test('takes a hint that has expired, and one signed with an older key', async () => {
  const { server, browser, hint } = await signedIn()
  server.control.advanceClock({ seconds: 3600 })
  await server.control.rotateKeys()
  const response = await browser.open(logoutUrl({ id_token_hint: hint }))
  expect(response.status).toBe(200)
  expect(server.control.sessions()).toEqual([])
})

test('ends the refresh tokens and codes of the session, and no others', async () => {
  const { server, browser, hint, refreshToken } = await signedIn()
  const code = redirected(await browser.open(authorizationUrl({ prompt: 'none' }))).get('code')
  const elsewhere = createCode(server, { scope: 'openid offline_access' })
  const { refresh_token: other } = await readBody(await postToken(server, { code: elsewhere }))
  await browser.open(logoutUrl({ id_token_hint: hint }))
  expect((await readBody(await postRefresh(server, refreshToken))).error).toBe('invalid_grant')
  expect((await readBody(await postToken(server, { code: code ?? '' }))).error).toBe(
    'invalid_grant',
  )
  expect((await postRefresh(server, other)).status).toBe(200)
})

test('ends the refresh tokens of the login that the hint is from, though the user logged in again', async () => {
  const { server, browser, hint, refreshToken } = await signedIn()
  await browser.logIn(authorizationUrl({ prompt: 'login' }))
  await browser.open(logoutUrl({ id_token_hint: hint }))
  expect(server.control.sessions()).toEqual([])
  expect((await postRefresh(server, refreshToken)).status).toBe(400)
})

test('finds the session by the hint when a form from another site brings no cookie', async () => {
  const { server, hint } = await signedIn()
  server.control.signIn({ user: 'alice' })
  const body = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbye })
  const response = await server.fetch(`${issuer}/end-session`, { method: 'POST', body })
  expect(response.headers.get('location')).toBe(goodbye)
  expect(server.control.sessions()).toHaveLength(1)
})

test('goes straight back when nobody is signed in', async () => {
  const browser = createBrowser(createServer({ clients }))
  const url = logoutUrl({ client_id: 'app', post_logout_redirect_uri: goodbye, state: 's' })
  const response = await browser.open(url)
  expect(response.headers.get('location')).toBe(`${goodbye}?state=s`)
})

test('asks before it ends a session without a hint, then goes back', async () => {
  const { server, browser, isSignedIn } = await signedIn()
  const url = logoutUrl({ client_id: 'app', post_logout_redirect_uri: goodbye, state: 's' })
  const page = await browser.open(url)
  expect(page.status).toBe(200)
  expect(page.headers.get('x-frame-options')).toBe('DENY')
  expect(await isSignedIn()).toBe(true)
  const response = await press(page, browser.open)
  expect(response.headers.get('location')).toBe(`${goodbye}?state=s`)
  expect(server.control.sessions()).toEqual([])
})

test('asks when the hint is from another user', async () => {
  const { server, browser, hint } = await signedIn()
  await browser.logIn(authorizationUrl({ prompt: 'login' }), 'bob')
  const page = await browser.open(logoutUrl({ id_token_hint: hint }))
  expect(server.control.sessions()).toMatchObject([{ sub: 'bob' }])
  expect(await page.text()).toContain('<b>bob</b>')
})

test('takes the answer only from the browser and in the session that was asked, and in time', async () => {
  const { server, browser, isSignedIn } = await signedIn()
  const stranger = createBrowser(server)
  await stranger.logIn()
  const fromElsewhere = await press(await browser.open(logoutUrl()), stranger.open)
  expect(fromElsewhere.status).toBe(400)
  const late = await browser.open(logoutUrl())
  server.control.advanceClock({ seconds: 601 })
  expect((await press(late, browser.open)).status).toBe(400)
  expect(await isSignedIn()).toBe(true)
  expect(server.control.sessions()).toHaveLength(2)
})

test.each<[string, string, Parameters]>([
  [
    'a logout without a hint and a client',
    'needs an id_token_hint or a client_id',
    { post_logout_redirect_uri: goodbye },
  ],
  ['an unknown client', 'client_id &#34;nobody&#34; is not registered', { client_id: 'nobody' }],
  [
    'a client that may be sent nowhere',
    '--post-logout http://localhost:3000/goodbye',
    { client_id: 'other', post_logout_redirect_uri: goodbye },
  ],
  [
    'a URI with a slash more than is registered',
    'not registered for the client app',
    { client_id: 'app', post_logout_redirect_uri: `${goodbye}/` },
  ],
  ['a hint that is no ID token', 'not an ID token of this server', { id_token_hint: 'a.b.c' }],
])('answers %s with a page that says why, and ends nothing', async (_case, problem, parameters) => {
  const { browser, isSignedIn } = await signedIn()
  const page = await browser.open(logoutUrl(parameters))
  expect(page.status).toBe(400)
  expect(page.headers.has('location')).toBe(false)
  expect(await page.text()).toContain(problem)
  expect(await isSignedIn()).toBe(true)
})

test('refuses a hint for another client, from another server, or that is an access token', async () => {
  const { server, browser, hint, isSignedIn } = await signedIn()
  const { access_token: accessToken } = await readBody(
    await postToken(server, { code: createCode(server, { audience: 'app' }) }),
  )
  const elsewhere = createServer({ issuer: `${issuer}/elsewhere` })
  const { id_token: foreign } = await readBody(
    await postToken(elsewhere, { code: createCode(elsewhere) }),
  )
  const [header, payload = '', signature] = hint.split('.')
  const forged = Buffer.from(payload, 'base64url').toString().replace('alice', 'bob')
  const unsigned = [header, Buffer.from(forged).toString('base64url'), signature].join('.')
  for (const parameters of [
    { id_token_hint: hint, client_id: 'other' },
    { id_token_hint: foreign },
    { id_token_hint: unsigned },
    { id_token_hint: accessToken },
  ]) {
    expect((await browser.open(logoutUrl(parameters))).status).toBe(400)
  }
  expect((await browser.open(`${logoutUrl({ client_id: 'app' })}&client_id=app`)).status).toBe(400)
  expect(await isSignedIn()).toBe(true)
})

test('can lose or change the state on the way back', async () => {
  const { server, browser, hint } = await signedIn()
  server.control.addFault({
    endpoint: 'endSession',
    name: 'endSessionResponse',
    remove: ['state'],
    set: { more: 'x' },
  })
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 's' }
  const response = await browser.open(logoutUrl(parameters))
  expect(response.headers.get('location')).toBe(`${goodbye}?more=x`)
})

test('records logout requests', async () => {
  const { server, browser } = await signedIn()
  await browser.open(logoutUrl({ client_id: 'app' }))
  expect(server.control.requests({ endpoint: 'endSession' })).toMatchObject([
    { method: 'GET', path: '/end-session', parameters: { client_id: 'app' } },
  ])
})
