// @vitest-environment happy-dom
// An option that is undefined is one that was left out, for the compiler of an app with
// `exactOptionalPropertyTypes`, too: this file is compiled so.
import {
  autoRenew,
  createAuthFetch,
  customStorage,
  diagnose,
  exchangeToken,
  fetchUserInfo,
  getTokenWithPopup,
  idleTimeout,
  initiateLogin,
  loginWithPopup,
  requireLogin,
  revokeTokens,
  sessionMonitor,
  silentIframe,
  silentRedirect,
  type ClientOptions,
} from 'sotto'
import { fakeAuth } from 'sotto/testing'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'

beforeEach(preparePage)

const none = undefined
const target = { scope: none, audience: none, resource: none, authorizationParams: none }
const login = {
  ...target,
  appState: none,
  returnTo: none,
  maxAge: none,
  acrValues: none,
  sessionParams: none,
  signal: none,
}
/** Those that `createClient` gives are not among them. */
const client: Omit<ClientOptions, 'issuer' | 'clientId' | 'redirectUri'> = {
  ...target,
  postLogoutRedirectUri: none,
  metadata: none,
  jwks: none,
  idTokenSignature: none,
  idTokenSigningAlg: none,
  requireIss: none,
  trustedAudiences: none,
  claims: none,
  userInfo: none,
  dpop: none,
  par: none,
  tokenStorage: none,
  transactionStorage: none,
  onLoginRequired: none,
  responseMode: none,
  leewaySeconds: none,
  clockToleranceSeconds: none,
  timeoutMs: none,
  logger: none,
}

const withoutSecrets = ({ searchParams }: URL): object =>
  Object.fromEntries(
    [...searchParams].filter(([name]) => !/^(state|nonce|code_challenge)$/.test(name)),
  )

test('a client and its calls do with options that are undefined what they do without', async () => {
  const plain = createClient()
  const page = createClient(client)
  await plain.auth.loginWithRedirect()
  await page.auth.loginWithRedirect(login)
  expect(withoutSecrets(page.visits[0]!)).toEqual(withoutSecrets(plain.visits[0]!))
  await page.auth.handleRedirectCallback({ url: page.answer('alice'), signal: none })
  expect(await page.auth.start({ onCallback: none, signal: none })).toMatchObject({
    status: 'authenticated',
  })
  const before = await page.auth.getTokenSilently()
  const token = { ...target, onLoginRequired: none, timeoutMs: none, signal: none }
  expect(await page.auth.getTokenSilently({ ...token, cacheMode: none, detailed: none })).toBe(
    before,
  )
  const renewed = await page.auth.getTokenSilently({ ...token, cacheMode: 'off' })
  expect(await page.auth.getTokenSilently()).toBe(renewed)
  await page.auth.logout({
    postLogoutRedirectUri: none,
    logoutParams: none,
    localOnly: none,
    signal: none,
  })
  expect(page.visits.at(-1)?.searchParams.has('post_logout_redirect_uri')).toBe(false)
})

test('so do the default client, and the values for options', async () => {
  const frame = {
    responseMode: none,
    callbackUri: none,
    allowScripts: none,
    idTokenHint: none,
    messageOrigin: none,
    timeoutMs: none,
  }
  for (const renewal of [none, [silentIframe(frame), silentRedirect({ periodSeconds: none })]]) {
    const page = createClient({
      ...client,
      renewal,
      tokenStorage: customStorage({ ...createSharedStorage(), shared: none }),
    })
    await page.logIn()
    expect(await page.auth.isAuthenticated()).toBe(true)
    page.auth.dispose()
  }
})

test('so do the functions that take a client', async () => {
  const page = createClient(client)
  await page.logIn()
  const { auth } = page
  vi.stubGlobal('open', () => null)
  expect(await requireLogin(auth, { returnTo: none, allow: none, signal: none })).toMatchObject({
    status: 'authenticated',
  })
  autoRenew(auth, { targets: none })()
  sessionMonitor(auth, { intervalSeconds: none, onEnded: none })()
  const idle = { onWarn: none, warnSeconds: none, maxSeconds: none, logout: none }
  idleTimeout(auth, { seconds: 60, ...idle })()
  const step = { anonymous: none, onStepUp: none, maxRetryAfterSeconds: none }
  const send = createAuthFetch(auth, {
    ...target,
    ...step,
    allowedOrigins: ['self'],
    fetch: none,
  })
  expect(send).toBeTypeOf('function')
  expect(await fetchUserInfo(auth, { ...target, signal: none })).toMatchObject({ sub: /./ })
  await revokeTokens(auth, { signal: none })
  expect(await diagnose(auth, { probe: none })).toBeTypeOf('object')
  const popup = {
    width: none,
    height: none,
    redirectUri: none,
    responseMode: none,
    timeoutMs: none,
  }
  const calls = [
    () => loginWithPopup(auth, { ...login, ...popup }),
    () => getTokenWithPopup(auth, { ...target, ...popup, signal: none, detailed: none }),
    () => initiateLogin(auth, { url: none, signal: none }),
    () =>
      exchangeToken(auth, {
        scope: none,
        audience: none,
        resource: none,
        subjectToken: none,
        subjectTokenType: none,
        requestedTokenType: none,
        signal: none,
      }),
  ]
  for (const call of calls)
    expect(await call().catch((error: unknown) => error)).not.toMatchObject({
      code: 'config_invalid',
    })
})

test('so does a client that tests show', async () => {
  const auth = fakeAuth({ user: { sub: 'alice' }, status: none, error: none, token: none })
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(await auth.getTokenSilently()).toBe('fake-access-token')
})
