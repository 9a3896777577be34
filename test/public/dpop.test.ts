// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { fetchUserInfo, mergeUserInfo, refreshToken } from 'sotto'
import type { TokenBinding } from 'sotto/dpop'
import { createClient, createServer, passTime } from '../support/flow-client.ts'
import {
  boundTo,
  logInWithKey,
  openDpopPage,
  prepareDpopPage,
  proofOf,
  readStoredKey,
  tokenRequests,
} from '../support/dpop-client.ts'
import { createTokenSet } from '../support/flow-tokens.ts'

beforeEach(prepareDpopPage)

const off = { cacheMode: 'off' } as const

// covers spec:dpop-code-tied
test('ties the code to the key, and the tokens too', async () => {
  const page = await logInWithKey()
  const details = await page.auth.getTokenSilently({ detailed: true })
  const jkt = (await readStoredKey())?.jkt
  expect(jkt).toMatch(/^[\w-]{43}$/)
  expect(page.visits[0]?.searchParams.get('dpop_jkt')).toBe(jkt)
  expect(details.tokenType).toBe('DPoP')
  expect(boundTo(details.accessToken)).toBe(jkt)
})

// covers spec:dpop-proof
test('sends a proof with each grant, and with nothing else', async () => {
  const page = await logInWithKey()
  await page.auth.getTokenSilently(off)
  const proofs = tokenRequests(page).map(proofOf)
  expect(proofs).toHaveLength(2)
  for (const proof of proofs) {
    expect(proof).toMatchObject({
      header: { typ: 'dpop+jwt', alg: 'ES256' },
      htm: 'POST',
      htu: 'https://login.example.com/token',
      iat: Math.floor(Date.now() / 1000),
    })
    expect(Object.keys(proof.header.jwk).sort()).toEqual(['crv', 'kty', 'x', 'y'])
    expect(proof).not.toHaveProperty('ath')
  }
  const withProof = page.server.control.requests().filter(({ headers }) => headers['dpop'])
  expect(withProof.map(({ endpoint }) => endpoint)).toEqual(['token', 'token'])
})

// covers spec:dpop-proof-once fault:dpop-network-retry
test('makes a new proof where a refresh token is sent again', async () => {
  const page = await logInWithKey()
  page.server.control.addFault({ endpoint: 'token', name: 'drop', times: 1 })
  await page.auth.getTokenSilently(off)
  const ids = tokenRequests(page).map((request) => proofOf(request).jti)
  expect(new Set(ids).size).toBe(3)
})

// covers spec:dpop-key-kept
test('a key cannot be exported, and goes on after a reload', async () => {
  const page = await logInWithKey()
  const key = await readStoredKey()
  await expect(crypto.subtle.exportKey('jwk', key!.privateKey)).rejects.toMatchObject({
    message: 'key is not extractable',
  })
  page.auth.dispose()
  const next = openDpopPage(page)
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(boundTo(await next.auth.getTokenSilently(off))).toBe(key?.jkt)
})

// covers spec:dpop-proof
test('asks the UserInfo endpoint with a bound token and its proof', async () => {
  const page = await logInWithKey({ userInfo: mergeUserInfo() })
  await fetchUserInfo(page.auth)
  const asked = page.server.control.requests({ endpoint: 'userinfo' })
  expect(asked).toHaveLength(2)
  for (const request of asked) {
    expect(request.headers['authorization']).toMatch(/^DPoP ey/)
    const { htm, htu, ath } = proofOf(request)
    expect([htm, htu]).toEqual(['GET', 'https://login.example.com/userinfo'])
    expect(ath).toMatch(/^[\w-]{43}$/)
  }
})

// covers spec:dpop-downgrade fault:dpop-bearer
test('refuses a bearer token where a bound one was asked for, and stores nothing', async () => {
  const page = openDpopPage()
  const set = { token_type: 'Bearer' }
  page.server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
  await expect(page.logIn()).rejects.toMatchObject({ code: 'dpop_downgrade' })
  expect(await page.auth.isAuthenticated()).toBe(false)
  expect(page.storage.records.size).toBe(0)
})

// covers spec:dpop-downgrade fault:dpop-bearer
test('refuses a bearer token in answer to a refresh, and keeps the session', async () => {
  const page = await logInWithKey()
  const set = { token_type: 'Bearer' }
  page.server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'dpop_downgrade' })
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

// covers spec:dpop-downgrade
test("refuses an unbound token of the app's own strategy", async () => {
  const own = async () => ({ tokens: createTokenSet() })
  const page = await logInWithKey({ renewal: [own] })
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'dpop_downgrade' })
})

test('takes a token type in any case', async () => {
  const page = openDpopPage()
  const set = { token_type: 'dPoP' }
  page.server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
  await page.logIn()
  expect(await page.auth.getTokenSilently({ detailed: true })).toMatchObject({ tokenType: 'DPoP' })
})

// covers spec:dpop-algorithm fault:dpop-algorithm
test('begins no login at a server that takes no ES256', async () => {
  const page = openDpopPage()
  const set = { dpop_signing_alg_values_supported: ['PS256'] }
  page.server.control.addFault({ endpoint: 'discovery', name: 'metadata', set })
  await expect(page.auth.loginWithRedirect()).rejects.toMatchObject({
    code: 'discovery_invalid',
    reason: 'dpop_signing_alg_values_supported',
  })
  expect(page.visits).toEqual([])
})

// covers spec:dpop-clock fault:dpop-clock
test("proofs are dated by the server's clock, once it is known", async () => {
  const page = openDpopPage({}, { clockToleranceSeconds: 10 })
  // As far as the server lets a proof be off.
  page.server.control.advanceClock({ seconds: 50 })
  await page.logIn()
  await page.auth.getTokenSilently(off)
  const [first = 0, second = 0] = tokenRequests(page).map((request) => proofOf(request).iat)
  const ahead = second - Math.floor(Date.now() / 1000)
  expect(first).toBe(second - ahead)
  // The ID token says whole seconds.
  expect([49, 50]).toContain(ahead)
})

// covers fault:dpop-clock
test('says that the server has refused the proof where the clock is wrong', async () => {
  const page = openDpopPage()
  page.server.control.advanceClock({ seconds: 300 })
  await expect(page.logIn()).rejects.toMatchObject({
    code: 'dpop_failed',
    oauthError: 'invalid_dpop_proof',
  })
})

// covers spec:dpop-binding-cache
test('an app that asks for bearer tokens is given no bound ones from the storage', async () => {
  const page = await logInWithKey()
  page.auth.dispose()
  const next = createClient(
    {
      scope: 'openid profile email offline_access',
      tokenStorage: page.storage,
      renewal: [refreshToken()],
    },
    { server: page.server },
  )
  const cached = await next.auth.getTokenSilently({ cacheMode: 'cache-only' })
  expect(cached).toBeUndefined()
  await expect(next.auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    attempts: [{ strategy: 'refresh_token', code: 'not_possible', reason: 'no_refresh_token' }],
  })
  expect(tokenRequests(page)).toHaveLength(1)
})

// covers spec:dpop-binding-cache
test('an app that asks for bound tokens is given no bearer tokens from the storage', async () => {
  const server = createServer()
  const page = openDpopPage({ server })
  page.auth.dispose()
  const bearer = createClient({ tokenStorage: page.storage, renewal: [] }, { server })
  await bearer.logIn()
  bearer.auth.dispose()
  const next = openDpopPage({ server, storage: page.storage })
  const scope = 'openid'
  expect(await next.auth.getTokenSilently({ scope, cacheMode: 'cache-only' })).toBeUndefined()
})

test('a bearer client and its server notice nothing', async () => {
  const page = createClient()
  await page.logIn()
  expect(page.visits[0]?.searchParams.has('dpop_jkt')).toBe(false)
  expect(tokenRequests(page)[0]?.headers).not.toHaveProperty('dpop')
  expect(await page.auth.getTokenSilently({ detailed: true })).toMatchObject({
    tokenType: 'bearer',
  })
  expect(await readStoredKey()).toBeUndefined()
})

test('a value that is none of this library is refused at once', () => {
  expect(() => createClient({ dpop: {} as TokenBinding })).toThrow(/dpop/)
})

test('a second client of the page without the option is told that it has the first one’s', async () => {
  const page = new Map()
  const first = openDpopPage({}, {}, page)
  await first.logIn()
  const second = createClient({ renewal: [refreshToken()] }, { server: first.server, page })
  await second.auth.isAuthenticated()
  expect(second.warnings).toContainEqual({ code: 'config_invalid', reason: 'dpop' })
  await passTime(1)
})
