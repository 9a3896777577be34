// @vitest-environment happy-dom
import { exchangeToken, type ExchangeOptions } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, createServer, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { withPollution } from '../support/polluted-prototype.ts'

beforeEach(preparePage)

const BILLING = 'https://billing.example.com'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** A user who has just logged in. */
async function createLoggedIn(scope = 'openid orders invoices') {
  const client = createClient({ scope })
  await client.logIn()
  client.server.control.clearRequests()
  const asked = () => client.server.control.requests({ endpoint: 'token' })
  return { ...client, asked }
}

const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

// covers spec:token-exchange
test('exchanges the access token for one for another API', async () => {
  const { auth, asked } = await createLoggedIn()
  const own = await auth.getTokenSilently()
  const found = await exchangeToken(auth, { audience: BILLING, scope: 'invoices' })
  expect(found).toMatchObject({
    tokenType: 'bearer',
    issuedTokenType: ACCESS_TOKEN,
    scope: 'invoices',
    expiresIn: 300,
    expiresAt: Date.now() + 300_000,
  })
  expect(claimsOf(found.accessToken)).toMatchObject({ aud: BILLING, sub: 'alice' })
  expect(asked().map(({ parameters }) => parameters)).toEqual([
    {
      client_id: 'app',
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: own,
      subject_token_type: ACCESS_TOKEN,
      audience: BILLING,
      scope: 'invoices',
    },
  ])
})

test('asks for resources and for a type', async () => {
  const { auth } = await createLoggedIn()
  const resource = [`${BILLING}/a`, `${BILLING}/b`]
  const found = await exchangeToken(auth, { resource, requestedTokenType: ACCESS_TOKEN })
  expect(claimsOf(found.accessToken)['aud']).toEqual(resource)
  expect(found.scope).toBe('invoices orders')
})

test('exchanges another token, and needs none of its own', async () => {
  const { auth, renewal, server } = await createLoggedIn()
  const subjectToken = await auth.getTokenSilently()
  await auth.logout({ localOnly: true })
  const anonymous = createClient({}, { renewal, server })
  const found = await exchangeToken(anonymous.auth, { subjectToken, audience: BILLING })
  expect(claimsOf(found.accessToken)['aud']).toBe(BILLING)
  expect(renewal.requests).toEqual([])
  const exchange = exchangeToken(anonymous.auth, { subjectToken, subjectTokenType: 'urn:x' })
  await expect(exchange).rejects.toMatchObject({ code: 'token_error' })
})

test('a client that is disposed of exchanges nothing', async () => {
  const { auth, asked } = await createLoggedIn()
  auth.dispose()
  const exchange = exchangeToken(auth, { subjectToken: 'any' })
  await expect(exchange).rejects.toMatchObject({ code: 'disposed' })
  expect(asked()).toEqual([])
})

// covers spec:token-exchange
test('leaves the session, its tokens and its user as they are', async () => {
  const { auth } = await createLoggedIn()
  const [token, snapshot] = [await auth.getTokenSilently(), auth.getSnapshot()]
  await exchangeToken(auth, { audience: BILLING })
  expect(await auth.getTokenSilently()).toBe(token)
  expect(auth.getSnapshot()).toBe(snapshot)
  await expect(auth.getTokenSilently({ audience: BILLING, cacheMode: 'cache-only' })).resolves.toBe(
    undefined,
  )
})

test("an exchange that the server refuses is the server's own word, without the token", async () => {
  const { auth, server } = await createLoggedIn()
  const token = await auth.getTokenSilently()
  server.control.addFault({
    endpoint: 'token',
    name: 'oauthError',
    error: 'invalid_target',
    description: `not for ${token}`,
  })
  const error = await exchangeToken(auth, { audience: BILLING }).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'token_error', oauthError: 'invalid_target', status: 400 })
  expect(JSON.stringify(error)).not.toContain(token)
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('a token that is quoted is not passed on, whatever it looks like', async () => {
  const { auth, server } = await createLoggedIn()
  const description = 'not for the-very-secret-one'
  const fault = { endpoint: 'token', name: 'oauthError', error: 'invalid_request' } as const
  server.control.addFault({ ...fault, description })
  const exchange = exchangeToken(auth, { subjectToken: 'the-very-secret-one' })
  const error = await exchange.catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'token_error' })
  expect(error).not.toHaveProperty('oauthErrorDescription')
})

// covers fault:token-exchange-answer
test('an answer with a status of failure is none, whatever is in it', async () => {
  const server = createServer()
  const body = { access_token: 'a', issued_token_type: ACCESS_TOKEN, token_type: 'Bearer' }
  const { auth, logIn } = createClient(
    {
      fetch: async (url, init) =>
        String(init?.body).includes('token-exchange')
          ? Response.json(body, { status: 400 })
          : server.fetch(url, init),
    },
    { server },
  )
  await logIn()
  await expect(exchangeToken(auth)).rejects.toMatchObject({
    code: 'response_invalid',
    reason: 'status',
    status: 400,
  })
})

// covers fault:token-exchange-answer
test.each([
  ['an empty access token', { access_token: '' }, 'response_invalid', 'access_token'],
  ['an access token that is a number', { access_token: 5 }, 'response_invalid', 'access_token'],
  [
    'an issued token type of null',
    { issued_token_type: null },
    'response_invalid',
    'issued_token_type',
  ],
  ['an empty token type', { token_type: '' }, 'response_invalid', 'token_type'],
  ['the token type mac', { token_type: 'mac' }, 'token_type_unsupported', undefined],
  ['the token type DPoP', { token_type: 'DPoP' }, 'token_type_unsupported', undefined],
  ['a negative life', { expires_in: -1 }, 'response_invalid', 'expires_in'],
  ['a life in words', { expires_in: 'soon' }, 'response_invalid', 'expires_in'],
  ['a life that is a list', { expires_in: [3600] }, 'response_invalid', 'expires_in'],
  [
    'a life that cannot be a number',
    { expires_in: { toString: 1, valueOf: 1 } },
    'response_invalid',
    'expires_in',
  ],
])('an answer with %s is refused', async (_, set, code, reason) => {
  const { auth, server } = await createLoggedIn()
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
  await expect(exchangeToken(auth)).rejects.toMatchObject({ code, ...(reason && { reason }) })
})

test('a token that is no access token has the type n_a, and one without a life lives 300 s', async () => {
  const { auth, server } = await createLoggedIn()
  const set = { token_type: 'N_A', issued_token_type: 'urn:x', expires_in: null, scope: null }
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
  expect(await exchangeToken(auth, { scope: 'orders' })).toMatchObject({
    tokenType: 'n_a',
    issuedTokenType: 'urn:x',
    expiresIn: 300,
    scope: 'orders',
  })
})

test('a token that has no life left is given as it came', async () => {
  const { auth, server } = await createLoggedIn()
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set: { expires_in: 0 } })
  expect(await exchangeToken(auth)).toMatchObject({ expiresIn: 0 })
})

test('what comes after a logout is given to nobody', async () => {
  const { auth, server, asked } = await createLoggedIn()
  server.control.addFault({ endpoint: 'token', name: 'delay', ms: 50 })
  const exchange = expect(exchangeToken(auth)).rejects.toMatchObject({ code: 'logged_out' })
  await vi.waitFor(() => expect(asked()).toHaveLength(1))
  await auth.logout({ localOnly: true })
  await vi.advanceTimersByTimeAsync(50)
  await exchange
})

test('rejects as getTokenSilently does where no user is signed in', async () => {
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await expect(exchangeToken(auth)).rejects.toMatchObject({ code: 'login_required' })
})

test('a caller that gives up is told its own reason', async () => {
  const { auth, asked } = await createLoggedIn()
  const reason = new Error('unmounted')
  const options = { subjectToken: 'any', signal: AbortSignal.abort(reason) }
  await expect(exchangeToken(auth, options)).rejects.toBe(reason)
  expect(asked()).toEqual([])
})

test('a caller that gives up while the storage is read sends nothing', async () => {
  const { auth, asked } = await createLoggedIn()
  const caller = new AbortController()
  const exchange = exchangeToken(auth, { subjectToken: 'any', signal: caller.signal })
  const reason = new Error('unmounted')
  caller.abort(reason)
  await expect(exchange).rejects.toBe(reason)
  await vi.advanceTimersByTimeAsync(50)
  expect(asked()).toEqual([])
})

test('an option of every object is no option', async () => {
  const { auth, asked } = await createLoggedIn()
  await withPollution({ subjectToken: 'evil', audience: 'https://evil.example' }, () =>
    exchangeToken(auth),
  )
  expect(asked()[0]?.parameters['subject_token']).not.toBe('evil')
  expect(asked()[0]?.parameters).not.toHaveProperty('audience')
})

test.each<[string, ExchangeOptions]>([
  ['scope', { scope: 5 as never }],
  ['audience', { audience: {} as never }],
  ['resource', { resource: 'relative' }],
  ['subjectToken', { subjectToken: 5 as never }],
  ['subjectTokenType', { subjectTokenType: 5 as never }],
  ['requestedTokenType', { requestedTokenType: [] as never }],
])('refuses an unfit %s before anything is asked', async (reason, options) => {
  const { auth, asked } = await createLoggedIn()
  await expect(exchangeToken(auth, options)).rejects.toMatchObject({
    code: 'config_invalid',
    reason,
  })
  expect(asked()).toEqual([])
})
