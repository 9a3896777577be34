// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { AuthError, isAuthError } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'

beforeEach(preparePage)

test('answers a second call from the cache', async () => {
  const { auth, renewal } = createClient()
  const first = await auth.getTokenSilently()
  expect(await auth.getTokenSilently()).toBe(first)
  expect(renewal.requests).toHaveLength(1)
})

test('asks for the default scope, audience and resources', async () => {
  const { auth, renewal } = createClient({
    audience: 'https://api.example.com',
    resource: ['https://b.example.com', 'https://a.example.com'],
  })
  await auth.getTokenSilently()
  expect(renewal.requests).toMatchObject([
    {
      scope: 'email openid profile',
      audience: 'https://api.example.com',
      resource: ['https://a.example.com', 'https://b.example.com'],
      authorizationParams: {},
    },
  ])
})

// covers spec:openid-scope
test('replaces the default scope by the scope of the call, and adds openid', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently({ scope: 'orders' })
  expect(renewal.requests[0]?.scope).toBe('openid orders')
})

test('renews a token that is about to expire', async () => {
  const { auth, renewal } = createClient()
  const first = await auth.getTokenSilently()
  await passTime(269_999)
  expect(await auth.getTokenSilently()).toBe(first)
  await passTime(2)
  expect(await auth.getTokenSilently()).not.toBe(first)
  expect(renewal.requests).toHaveLength(2)
})

test('renews with cacheMode off although the cache has a token, and caches the new one', async () => {
  const { auth } = createClient()
  const first = await auth.getTokenSilently()
  const second = await auth.getTokenSilently({ cacheMode: 'off' })
  expect(second).not.toBe(first)
  expect(await auth.getTokenSilently()).toBe(second)
})

test('gives undefined and sends nothing for a miss with cacheMode cache-only', async () => {
  const { auth, renewal } = createClient()
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  expect(renewal.requests).toEqual([])
})

test('gives the cached token with cacheMode cache-only', async () => {
  const { auth } = createClient()
  const token = await auth.getTokenSilently()
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBe(token)
})

test('describes the token if asked for details', async () => {
  const { auth } = createClient(
    { audience: 'https://api.example.com' },
    {
      renewal: createRenewal({ accessToken: 'one', scope: 'openid profile', tokenType: 'bearer' }),
    },
  )
  const expiresAt = Date.now() + 300_000
  await auth.getTokenSilently()
  await passTime(10_500)
  expect(await auth.getTokenSilently({ detailed: true })).toEqual({
    accessToken: 'one',
    tokenType: 'bearer',
    scope: 'openid profile',
    audience: 'https://api.example.com',
    expiresAt,
    expiresIn: 289,
  })
})

test('gives undefined for details of a cache-only miss', async () => {
  const { auth } = createClient()
  const details = auth.getTokenSilently({ detailed: true, cacheMode: 'cache-only' })
  expect(await details).toBeUndefined()
})

// covers spec:audience-kept-apart
test.each([
  ['audience', { audience: 'https://other.example.com' }],
  ['resource', { resource: 'https://other.example.com' }],
  ['authorizationParams', { authorizationParams: { tenant: 'two' } }],
])('does not serve a call for another %s from the cache', async (_name, call) => {
  const { auth } = createClient()
  const token = await auth.getTokenSilently()
  expect(await auth.getTokenSilently({ ...call, cacheMode: 'cache-only' })).toBeUndefined()
  const other = await auth.getTokenSilently(call)
  expect(other).not.toBe(token)
  expect(await auth.getTokenSilently(call)).toBe(other)
  expect(await auth.getTokenSilently()).toBe(token)
})

test('serves resources in any order from one entry', async () => {
  const { auth } = createClient()
  const [a, b] = ['https://a.example.com', 'https://b.example.com']
  const token = await auth.getTokenSilently({ resource: [a, b] })
  expect(await auth.getTokenSilently({ resource: [b, a] })).toBe(token)
})

test('serves a smaller scope from a token for a larger one', async () => {
  const { auth, renewal } = createClient()
  const token = await auth.getTokenSilently({ scope: 'read write' })
  expect(await auth.getTokenSilently({ scope: 'write' })).toBe(token)
  expect(renewal.requests).toHaveLength(1)
})

// covers spec:smaller-scope fault:token-scope
test('warns once of a scope that was refused, and does not ask again on every call', async () => {
  const { auth, renewal, warnings } = createClient(
    {},
    { renewal: createRenewal({ scope: 'openid' }) },
  )
  await auth.getTokenSilently({ scope: 'orders' })
  await auth.getTokenSilently({ scope: 'orders' })
  expect(renewal.requests).toHaveLength(1)
  expect(warnings).toEqual([{ code: 'scope_narrowed', reason: 'orders' }])
})

// covers spec:prompt-none-alone
test('refuses protocol parameters and prompt in the parameters of a call', async () => {
  const { auth, renewal } = createClient()
  for (const name of ['prompt', 'state', 'nonce', 'redirect_uri', 'code_challenge'])
    await expect(
      auth.getTokenSilently({ authorizationParams: { [name]: 'x' } }),
    ).rejects.toMatchObject({ code: 'config_invalid', reason: `authorizationParams.${name}` })
  expect(renewal.requests).toEqual([])
})

test('refuses a resource that is no absolute URI, or has a fragment', async () => {
  const { auth } = createClient()
  for (const resource of ['orders', 'https://api.example.com/#x'])
    await expect(auth.getTokenSilently({ resource })).rejects.toMatchObject({
      code: 'config_invalid',
      reason: 'resource',
    })
})

test('asks the strategies in order until one is possible', async () => {
  const first = createRenewal({ notPossible: 'no_refresh_token' })
  const second = createRenewal({ accessToken: 'from the second' })
  const third = createRenewal()
  const { auth } = createClient({
    renewal: [first.strategy, second.strategy, third.strategy],
  })
  expect(await auth.getTokenSilently()).toBe('from the second')
  expect([first, second, third].map(({ requests }) => requests.length)).toEqual([1, 1, 0])
})

test('rejects with interaction_required and the last reason where no strategy is possible', async () => {
  const { auth } = createClient({
    renewal: [
      createRenewal({ notPossible: 'one' }).strategy,
      createRenewal({ notPossible: 'two' }).strategy,
    ],
  })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    reason: 'two',
  })
})

test('rejects with interaction_required where there is no strategy at all', async () => {
  const { auth } = createClient({ renewal: [] })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    reason: 'no_strategy',
  })
})

test('tells of a renewal that succeeded, and of one that failed', async () => {
  const { auth, renewal } = createClient()
  const seen: unknown[] = []
  auth.on('renewal', ({ outcome, error }) => seen.push([outcome, error]))
  await auth.getTokenSilently()
  renewal.answers.push(new AuthError('timeout'))
  await auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  expect(seen).toEqual([
    ['success', undefined],
    ['failure', 'timeout'],
  ])
})

test('tells how long a renewal took, and what was tried', async () => {
  const { auth, renewal } = createClient()
  await passTime(60_000)
  const seen: unknown[] = []
  auth.on('renewal', ({ durationMs, attempts }) => seen.push([durationMs, attempts]))
  const release = renewal.hold()
  const call = auth.getTokenSilently()
  await passTime(250)
  release()
  await call
  expect(seen).toEqual([[250, []]])
})

test('does not call a renewal that was aborted a success', async () => {
  const { auth, renewal } = createClient()
  const outcomes: string[] = []
  auth.on('renewal', ({ outcome }) => outcomes.push(outcome))
  renewal.hold()
  const caller = new AbortController()
  const call = auth.getTokenSilently({ signal: caller.signal })
  await passTime(1)
  caller.abort()
  await expect(call).rejects.toThrow()
  await passTime(1)
  expect(outcomes).not.toContain('success')
})

test('tells of a new token by audience, scope and end, without the token', async () => {
  const { auth } = createClient({ audience: 'https://api.example.com' })
  const seen: unknown[] = []
  auth.on('token', (event) => seen.push(event))
  await auth.getTokenSilently()
  expect(seen).toEqual([
    {
      audience: 'https://api.example.com',
      scope: 'email openid profile',
      expiresAt: Date.now() + 300_000,
    },
  ])
})

test('keeps audiences and scopes apart although their texts run together', async () => {
  const { auth, renewal } = createClient()
  const release = renewal.hold()
  const calls = [
    auth.getTokenSilently({ audience: 'x email', scope: 'openid' }),
    auth.getTokenSilently({ audience: 'x', scope: 'email' }),
  ]
  const outcomes = Promise.allSettled(calls)
  await passTime(1)
  release()
  const [one, other] = await outcomes
  // Refusing such an audience keeps them apart as well.
  const refused = [one, other].some(
    (outcome) => outcome?.status === 'rejected' && isAuthError(outcome.reason, 'config_invalid'),
  )
  expect(refused || renewal.requests.length === 2).toBe(true)
})

test('an audience that is written like a partition of the cache is none', async () => {
  const { auth, renewal } = createClient()
  const resource = 'https://api.example.com'
  await auth.getTokenSilently({ resource })
  await auth.getTokenSilently({ audience: JSON.stringify(['', [resource], []]) })
  expect(renewal.requests).toHaveLength(2)
})
