// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { fetchUserInfo } from 'sotto'
import { createServer } from '../support/flow-client.ts'
import {
  logInWithKey,
  openDpopPage,
  prepareDpopPage,
  proofOf,
  tokenRequests,
} from '../support/dpop-client.ts'

beforeEach(prepareDpopPage)

const off = { cacheMode: 'off' } as const
const withNonces = { dpopNonces: true } as const

// covers spec:dpop-nonce spec:dpop-nonce-once
test('sends what the server has refused for its nonce once more, with a new proof', async () => {
  const page = await logInWithKey({}, withNonces)
  const [first, second, ...others] = tokenRequests(page)
  expect(others).toEqual([])
  expect(proofOf(first!)).not.toHaveProperty('nonce')
  expect(proofOf(second!).nonce).toBeTruthy()
  expect(proofOf(second!).jti).not.toBe(proofOf(first!).jti)
  expect(second?.body).toBe(first?.body)
})

// covers spec:dpop-nonce fault:dpop-nonce-rotates
test('uses the nonce of the last answer, so that the next request is one', async () => {
  const page = await logInWithKey({}, withNonces)
  for (let count = 0; count < 3; count++) await page.auth.getTokenSilently(off)
  const nonces = tokenRequests(page).map((request) => proofOf(request).nonce)
  expect(nonces).toHaveLength(5)
  expect(new Set(nonces).size).toBe(5)
})

// covers fault:dpop-nonce-rotates
test('does without a nonce where the server has none', async () => {
  const page = await logInWithKey()
  await page.auth.getTokenSilently(off)
  expect(tokenRequests(page).map((request) => proofOf(request).nonce)).toEqual([
    undefined,
    undefined,
  ])
})

// covers spec:dpop-nonce fault:dpop-nonce-two-servers
test('keeps the nonces of token requests and of requests with a token apart', async () => {
  const page = await logInWithKey({}, withNonces)
  await fetchUserInfo(page.auth)
  await fetchUserInfo(page.auth)
  await page.auth.getTokenSilently(off)
  const asked = page.server.control.requests({ endpoint: 'userinfo' }).map(proofOf)
  expect(asked).toHaveLength(3)
  expect(asked[0]).not.toHaveProperty('nonce')
  expect(tokenRequests(page)).toHaveLength(3)
})

// covers spec:dpop-nonce-once fault:dpop-nonce-endless
test('gives up after the second request where the server asks for nonces for ever', async () => {
  const page = openDpopPage()
  page.server.control.addFault({ endpoint: 'token', name: 'dpopNonceRefused', times: 9 })
  await expect(page.logIn()).rejects.toMatchObject({
    code: 'dpop_failed',
    oauthError: 'use_dpop_nonce',
    retryable: false,
  })
  expect(tokenRequests(page)).toHaveLength(2)
})

// covers fault:dpop-nonce-endless
test('keeps the refresh token that was never used', async () => {
  const page = await logInWithKey()
  page.server.control.addFault({ endpoint: 'token', name: 'dpopNonceRefused', times: 2 })
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'dpop_failed' })
  await page.auth.getTokenSilently(off)
  const sent = tokenRequests(page).map(({ parameters }) => parameters['refresh_token'])
  expect(new Set(sent.slice(1)).size).toBe(1)
})

// covers fault:dpop-nonce-unreadable
test('says so where it cannot read the nonce that it is asked for', async () => {
  const page = openDpopPage({ server: createServer(withNonces) })
  const remove = ['dpop-nonce']
  page.server.control.addFault({ endpoint: 'token', name: 'headers', remove, times: 9 })
  await expect(page.logIn()).rejects.toMatchObject({ code: 'dpop_failed' })
  expect(tokenRequests(page)).toHaveLength(1)
})

// covers spec:dpop-nonce-once
test.each([
  ['another error', { error: 'invalid_grant' }, 'token_error'],
  ['a server that is busy', { error: 'use_dpop_nonce', status: 503 }, 'server_error'],
])('sends nothing again for %s, although a nonce came with it', async (_, answer, code) => {
  const page = openDpopPage()
  const set = { 'dpop-nonce': 'new' }
  page.server.control.addFault({ endpoint: 'token', name: 'oauthError', ...answer })
  page.server.control.addFault({ endpoint: 'token', name: 'headers', set })
  await expect(page.logIn()).rejects.toMatchObject({ code })
  expect(tokenRequests(page)).toHaveLength(1)
})

// covers spec:dpop-nonce-once
test('sends nothing again for an answer that is larger than any error', async () => {
  const page = openDpopPage()
  page.server.control.addFault({
    endpoint: 'token',
    name: 'status',
    status: 400,
    contentType: 'application/json',
    body: `${' '.repeat(70_000)}{"error":"use_dpop_nonce"}`,
    headers: { 'dpop-nonce': 'new' },
  })
  await expect(page.logIn()).rejects.toMatchObject({ code: 'dpop_failed' })
  expect(tokenRequests(page)).toHaveLength(1)
})

test('no error quotes a proof', async () => {
  const server = createServer()
  const quote: typeof fetch = async (url, init) => {
    if (!String(url).endsWith('/token')) return server.fetch(url, init)
    throw new Error(`could not send ${new Headers(init?.headers).get('dpop')}`)
  }
  const page = openDpopPage({ server }, { fetch: quote })
  const error: unknown = await page.logIn().catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'network_error' })
  expect(String((error as Error).cause)).not.toContain('ey')
})
