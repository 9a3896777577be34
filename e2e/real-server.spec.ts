// The core scenarios against oidc-provider, so that the mock server of the other tests is known not
// to lie.
import { generateKeyPairSync } from 'node:crypto'
import { createAuthorizationUrl } from './support/authorization-request.ts'
import { callAndLeave, redirecting } from './support/fallback.ts'
import { REFUSING_USER } from './support/real-interaction.ts'
import { API, ES256_CLIENT_ID } from './support/real-provider.ts'
import {
  arriveAtCallback,
  claimsOf,
  expect,
  renew,
  seenByReal,
  statusOf,
  test,
} from './support/real-test.ts'

const ONE_RENEWAL = ['GET authorize in a frame', 'POST token']

test('logs in by redirect, with PKCE, nonce and the issuer in the response', async ({
  page,
  realServer,
  logInToCallback,
}) => {
  const login = { appState: { cart: 3 }, returnTo: '/products' }
  await logInToCallback(page, { login })
  expect(new URL(page.url()).searchParams.get('iss')).toBe(realServer.issuer)
  const result = await page.evaluate(async () => {
    const callbacks: unknown[] = []
    const snapshot = await auth.start({ onCallback: (result) => void callbacks.push(result) })
    return { snapshot, callbacks, token: await auth.getTokenSilently() }
  })
  expect(result.snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(result.callbacks).toMatchObject([{ appState: { cart: 3 } }])
  expect(result.token).toMatch(/^[\w-]{20,}$/)
  const seen = seenByReal(realServer)
  expect(seen.slice(0, -2)).toEqual([
    'GET discovery',
    'GET authorize',
    'GET login',
    'GET login',
    'GET resume',
  ])
  expect(seen.slice(-2).sort()).toEqual(['GET jwks', 'POST token'])
  const { query } = realServer.requests[1]!
  expect(query.get('code_challenge_method')).toBe('S256')
  expect(query.get('nonce')).toMatch(/^[\w-]{43}$/)
})

test('renews silently once the access token has expired, with one authorize and one token request', async ({
  page,
  realServer,
  logIn,
}) => {
  await page.clock.install()
  await logIn(page)
  realServer.forgetRequests()
  const token = await page.evaluate(() => auth.getTokenSilently())
  expect(seenByReal(realServer)).toEqual([])
  await page.clock.fastForward(61_000)
  const { value } = await page.evaluate(() => outcomeOf(auth.getTokenSilently()))
  expect(value).toMatch(/^[\w-]{20,}$/)
  expect(value).not.toBe(token)
  expect(seenByReal(realServer)).toEqual(ONE_RENEWAL)
})

test('restores the session silently after a reload', async ({
  page,
  realServer,
  logIn,
  makeClient,
}) => {
  await logIn(page)
  await page.reload()
  await makeClient(page)
  realServer.forgetRequests()
  const snapshot = await page.evaluate(() => auth.start())
  expect(snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(seenByReal(realServer)).toEqual(expect.arrayContaining(ONE_RENEWAL))
})

test('says login_required where there is no session, and a login that Sotto begins comes back with a token', async ({
  page,
  realServer,
  openApp,
  signIn,
  makeClient,
}) => {
  await openApp(page, '/products', redirecting)
  expect(await page.evaluate(() => auth.start())).toEqual({ status: 'anonymous' })
  const outcome = await page.evaluate(() =>
    outcomeOf(auth.getTokenSilently({ cacheMode: 'off', onLoginRequired: 'throw' })),
  )
  expect(outcome).toEqual({ code: 'login_required', oauthError: 'login_required' })
  expect(seenByReal(realServer)).not.toContain('POST token')
  await callAndLeave(page)
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  expect(new URL(page.url()).pathname).toBe('/products')
  realServer.forgetRequests()
  expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^[\w-]{20,}$/)
  expect(seenByReal(realServer)).toEqual([])
})

test('another user at the server ends the session with user_changed', async ({
  page,
  context,
  pair,
  realServer,
  logIn,
}) => {
  await logIn(page)
  const other = await context.newPage()
  const asBob = { prompt: 'login', login_hint: 'bob', scope: 'openid profile email' }
  await other.goto(createAuthorizationUrl(pair, asBob))
  await arriveAtCallback(other)
  await other.close()
  realServer.forgetRequests()
  expect(await renew(page)).toEqual({ code: 'user_changed' })
  expect(seenByReal(realServer)).toEqual(ONE_RENEWAL)
  expect(await statusOf(page)).toBe('anonymous')
})

test.describe('where the server is on another site', () => {
  test.use({ pairKind: 'cross-site' })

  test('a renewal says login_required, and the session goes on while its token lives', async ({
    page,
    realServer,
    logIn,
  }) => {
    await logIn(page)
    realServer.forgetRequests()
    expect(await renew(page)).toMatchObject({ code: 'login_required' })
    expect(seenByReal(realServer)).toEqual(['GET authorize in a frame'])
    expect(await statusOf(page)).toBe('authenticated')
    expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^[\w-]{20,}$/)
  })
})

test('accepts an ID token signed with ES256, and refuses one that the published keys did not sign', async ({
  page,
  realServer,
  logIn,
  makeClient,
}) => {
  const clientId = ES256_CLIENT_ID
  await logIn(page, { clientId })
  const { token = '' } = (await page.evaluate(() => auth.getIdToken())) ?? {}
  const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
  const { kid, alg } = JSON.parse(header) as Record<string, unknown>
  expect(alg).toBe('ES256')
  expect(claimsOf(token)).toMatchObject({ iss: realServer.issuer, aud: clientId, sub: 'alice' })
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }]
  await page.route('**/jwks', (route) => route.fulfill({ json: { keys } }))
  await page.reload()
  await makeClient(page, { clientId })
  expect(await renew(page)).toEqual({ code: 'id_token_invalid' })
})

test('a user who refuses is access_denied, with what the login was begun for', async ({
  page,
  logInToCallback,
}) => {
  const login = { appState: { cart: 3 }, returnTo: '/products' }
  await logInToCallback(page, { user: REFUSING_USER, login })
  const outcome = await page.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
  expect(outcome).toMatchObject({
    code: 'access_denied',
    oauthError: 'access_denied',
    appState: { cart: 3 },
  })
  expect(await statusOf(page)).toBe('error')
})

// covers threat:injected-code fault:callback-other-code
test('a code that another login began is refused by the server, for its code verifier', async ({
  page,
  context,
  realServer,
  openApp,
  logInToCallback,
}) => {
  await logInToCallback(page)
  const code = new URL(page.url()).searchParams.get('code') ?? ''
  const victim = await context.newPage()
  await openApp(victim)
  await victim.evaluate(() => void auth.loginWithRedirect())
  await arriveAtCallback(victim)
  const injected = new URL(victim.url())
  injected.searchParams.set('code', code)
  await openApp(victim, injected.href)
  realServer.forgetRequests()
  const outcome = await victim.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
  expect(outcome).toMatchObject({ code: 'token_error', oauthError: 'invalid_grant' })
  expect(seenByReal(realServer)).toContain('POST token')
})

test('a token for a resource is had silently, and the errors of others are typed', async ({
  page,
  logIn,
}) => {
  await logIn(page, { scope: 'openid' })
  const [token, ...outcomes] = await page.evaluate(
    async (resource) => [
      await outcomeOf(auth.getTokenSilently({ resource })),
      await outcomeOf(auth.getTokenSilently({ resource: 'https://unknown.example/' })),
      await outcomeOf(auth.getTokenSilently({ scope: 'openid email' })),
      await outcomeOf(auth.getTokenSilently({ authorizationParams: { registration: '{}' } })),
    ],
    API,
  )
  expect(claimsOf(token?.value)).toMatchObject({ aud: API, client_id: 'app', sub: 'alice' })
  expect(outcomes).toEqual([
    { code: 'authorization_error', oauthError: 'invalid_target' },
    { code: 'consent_required', oauthError: 'consent_required' },
    { code: 'authorization_error', oauthError: 'registration_not_supported' },
  ])
  expect(await statusOf(page)).toBe('authenticated')
})

test('a client or a redirect URI that the server does not know is silent_blocked, by its error page', async ({
  page,
  pair,
  realServer,
}) => {
  await page.goto('/')
  const outcomes = await page.evaluate(async (issuer) => {
    const ask = (options: { readonly clientId: string; readonly redirectUri: string }) =>
      sotto
        .createAuthClient({ issuer, ...options })
        .getTokenSilently()
        .catch((error: { code: string; reason: string }) => `${error.code} ${error.reason}`)
    return Promise.all([
      ask({ clientId: 'unknown', redirectUri: '/callback' }),
      ask({ clientId: 'app', redirectUri: '/elsewhere' }),
    ])
  }, pair.issuer)
  expect(outcomes).toEqual(['silent_blocked no_answer', 'silent_blocked no_answer'])
  expect(seenByReal(realServer)).not.toContain('POST token')
})
