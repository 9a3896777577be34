// @vitest-environment happy-dom
// A refresh token whose last use had no known outcome: decisions/0012-refresh-token.md.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, autoRenew, refreshToken, type RenewalStrategy } from 'sotto'
import type { Fault } from 'sotto/testing'
import { createServer, passTime, preparePage, stubLocks } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired, type ScriptedRenewal } from '../support/flow-tokens.ts'
import {
  logInWithRefreshToken,
  openPage,
  recordIn,
  sentBy,
  type RefreshClient,
} from '../support/refresh-client.ts'
import { advance, watchCryptography } from '../support/real-time.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const
const once = { endpoint: 'token', times: 1 } as const
const drop: Fault = { endpoint: 'token', name: 'drop' }
const hang: Fault = { ...once, name: 'hang' }
const unknown = { code: 'network_error', reason: 'outcome_unknown', retryable: true }

/** One renewal that goes wrong, whatever comes of it. */
async function fail(page: RefreshClient, fault: Fault): Promise<void> {
  page.server.control.addFault(fault)
  const call = page.auth.getTokenSilently(off).catch(() => {})
  if (fault.name === 'hang') await passTime(10_001)
  await call
  page.server.control.clearFaults()
}

const doubtOf = ({ storage }: RefreshClient) => recordIn(storage)?.refreshToken?.doubt

/** A strategy that the page takes for a frame in which the server saw its session. */
function asFrame({ strategy }: ScriptedRenewal): RenewalStrategy {
  return async (context, ...request) => {
    const result = await strategy(context, ...request)
    const { cookies } = context as unknown as { readonly cookies: { succeeded(): void } }
    if ('tokens' in result) cookies.succeeded()
    return result
  }
}

/** What leaves open whether the server has used the token up, and whether this one has. */
const doubts: readonly (readonly [string, Fault, 'refresh_token' | 'custom'])[] = [
  ['status 502', { ...once, name: 'status', status: 502 }, 'refresh_token'],
  ['status 504', { ...once, name: 'status', status: 504 }, 'refresh_token'],
  ['status 520', { ...once, name: 'status', status: 520 }, 'refresh_token'],
  ['status 524', { ...once, name: 'status', status: 524 }, 'refresh_token'],
  ['no answer', hang, 'refresh_token'],
  ['a lost answer', { ...hang, afterProcessing: true }, 'custom'],
  ['an answer that is too large', { ...once, name: 'huge', bytes: 2_000_000 }, 'custom'],
  [
    'an answer without tokens',
    { ...once, name: 'tokenResponse', remove: ['access_token', 'refresh_token'] },
    'custom',
  ],
]

// covers threat:failing-network spec:refresh-token-once fault:refresh-answer-lost
test.each(doubts)(
  'a refresh token is in doubt after %s, and the next call sends it first',
  async (_name, fault, strategy) => {
    const page = await logInWithRefreshToken()
    await fail(page, fault)
    const [token] = sentBy(page)
    expect(sentBy(page)).toHaveLength(1)
    expect(recordIn(page.storage)?.refreshToken).toMatchObject({ token, doubt: { tries: 1 } })
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    await page.auth.getTokenSilently(off)
    expect(sentBy(page)).toEqual([token, token])
    expect(page.renewals.at(-1)?.strategy).toBe(strategy)
    // The server has answered.
    expect(doubtOf(page)).toBeUndefined()
  },
)

test('the page after a reload sends a refresh token in doubt first, too', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, hang)
  page.auth.dispose()
  const next = openPage(page)
  await next.auth.getTokenSilently(off)
  expect(next.renewals).toMatchObject([{ strategy: 'refresh_token', attempts: [] }])
  expect(new Set(sentBy(page)).size).toBe(1)
})

// covers fault:refresh-answer-lost
test('what the network has lost is sent once more, in the same call', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...drop, times: 1 })
  expect(page.renewals).toMatchObject([{ strategy: 'refresh_token', attempts: [] }])
  expect(sentBy(page)).toHaveLength(2)
  expect(new Set(sentBy(page)).size).toBe(1)
})

test('what the network has lost twice waits, and the next strategy renews', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, drop)
  expect(page.renewals).toMatchObject([{ strategy: 'custom' }])
  expect(sentBy(page)).toHaveLength(2)
  expect(doubtOf(page)).toMatchObject({ tries: 1, nextAt: Date.now() })
})

test('an answer that was lost after the server had used the token up ends it', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...drop, times: 1, afterProcessing: true })
  expect(page.renewals).toMatchObject([
    { strategy: 'custom', attempts: [{ strategy: 'refresh_token', code: 'session_expired' }] },
  ])
  expect(recordIn(page.storage)?.refreshToken).toBeUndefined()
})

/** A page with a frame behind the refresh token; it has renewed once. */
async function openWithFrame() {
  const frame = createRenewal()
  const page = openPage({}, { renewal: [refreshToken(), asFrame(frame)] })
  await page.logIn()
  await page.auth.getTokenSilently({ scope: 'orders' })
  return { page, frame }
}

// covers fault:refresh-answer-lost
test('where a frame has succeeded it goes before the second try', async () => {
  const { page, frame } = await openWithFrame()
  await fail(page, drop)
  await page.auth.getTokenSilently(off)
  expect(sentBy(page)).toHaveLength(1)
  expect(frame.requests).toHaveLength(3)
  expect(page.renewals.at(-1)?.attempts).toEqual([
    { strategy: 'refresh_token', code: 'not_possible', reason: 'in_doubt' },
  ])
})

test('where the frame that had succeeded fails the token is sent after it', async () => {
  const { page, frame } = await openWithFrame()
  await fail(page, drop)
  await passTime(300_001)
  frame.answers.push(loginRequired())
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  expect(page.renewals.at(-1)).toMatchObject({
    strategy: 'refresh_token',
    attempts: [{ reason: 'in_doubt' }, { code: 'login_required' }],
  })
})

test('ten seconds later every other strategy goes first', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, hang)
  await passTime(10_001)
  await page.auth.getTokenSilently(off)
  expect(sentBy(page)).toHaveLength(1)
  expect(page.renewals.at(-1)).toMatchObject({ strategy: 'custom' })
})

test('a token that was sent twice is not risked while an access token is good', async () => {
  const page = await logInWithRefreshToken()
  page.renewal.answers.push(loginRequired())
  await fail(page, drop)
  await passTime(11_000)
  page.renewal.answers.push(loginRequired())
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    ...unknown,
    attempts: [
      { strategy: 'refresh_token', code: 'not_possible', reason: 'in_doubt' },
      { strategy: 'custom', code: 'login_required' },
      { strategy: 'refresh_token', code: 'network_error', reason: 'outcome_unknown' },
    ],
  })
  expect(sentBy(page)).toHaveLength(2)
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  expect(sentBy(page)).toHaveLength(3)
})

test('the pauses between its tries grow to half a minute, and tabs share them', async () => {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  const other = openPage(page, { renewal: [refreshToken()] })
  await other.auth.start()
  await passTime(300_001)
  page.server.control.addFault(drop)
  const renew = ({ auth }: RefreshClient) => auth.getTokenSilently(off)
  // The first retry comes at once.
  for (let call = 0; call < 2; call++)
    await expect(renew(page)).rejects.toMatchObject({ code: 'network_error' })
  const waits = [1, 2, 4, 8, 16, 30, 30]
  for (const [index, retryAfterSeconds] of waits.entries()) {
    expect(sentBy(page)).toHaveLength(index + 3)
    await expect(renew(other)).rejects.toMatchObject({ ...unknown, retryAfterSeconds })
    await passTime(retryAfterSeconds * 1000 - 1)
    await expect(renew(page)).rejects.toMatchObject({ ...unknown, retryAfterSeconds: 1 })
    expect(sentBy(page)).toHaveLength(index + 3)
    await passTime(1)
    await expect(renew(other)).rejects.toMatchObject({ code: 'network_error' })
  }
  page.server.control.clearFaults()
  await passTime(30_000)
  expect(await renew(page)).toBeTypeOf('string')
  expect(new Set(sentBy(page)).size).toBe(1)
})

// covers threat:failing-network
test('a refresh that fails, and a server that sees no session in a frame, end nothing', async () => {
  const page = await logInWithRefreshToken()
  const before = recordIn(page.storage)
  await passTime(300_001)
  page.renewal.answers.push(loginRequired(), loginRequired())
  page.server.control.addFault(drop)
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'network_error' })
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(recordIn(page.storage)).toMatchObject({
    idToken: before?.idToken,
    refreshToken: { token: before?.refreshToken?.token },
  })
  await passTime(1000)
  page.server.control.clearFaults()
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

test('autoRenew alone gets a token as soon as the network is back', async () => {
  watchCryptography()
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  page.server.control.addFault(drop)
  autoRenew(page.auth)
  await passTime(320_000)
  expect(sentBy(page).length).toBeGreaterThan(1)
  page.server.control.clearFaults()
  dispatchEvent(new Event('online'))
  const isRenewed = () => page.renewals.at(-1)?.outcome === 'success'
  for (let step = 0; step < 500 && !isRenewed(); step++) await advance(200)
  expect(isRenewed()).toBe(true)
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

// covers fault:refresh-frozen-tab
test.each(['another tab', 'the page after its reload'])(
  'after a page went away in the middle of a refresh %s gets a token',
  async (who) => {
    const options = { renewal: [refreshToken()] }
    const server = { refreshTokenRotation: false }
    const page = await logInWithRefreshToken({ options, server })
    const other = openPage(page, options)
    if (who === 'another tab') await other.auth.start()
    await passTime(300_001)
    page.server.control.addFault(hang)
    void page.auth.getTokenSilently().catch(() => {})
    await vi.waitFor(() => expect(sentBy(page)).toHaveLength(1))
    page.auth.dispose()
    stubLocks()
    expect(await other.auth.getTokenSilently()).toBeTypeOf('string')
    expect(await other.auth.getUser()).toMatchObject({ sub: 'alice' })
  },
)

test("where nothing else is left the server's word on a token in doubt is the session's end", async () => {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  await passTime(300_001)
  await fail(page, { ...hang, afterProcessing: true })
  expect(page.auth.getSnapshot().status).toBe('authenticated')
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'session_expired' })
  expect(page.auth.getSnapshot().status).toBe('anonymous')
})

test.each([
  ['before', false, true],
  ['after', true, false],
])('a device that is offline only %s may have sent it', async (_, before, after) => {
  const setOnline = (value: boolean): void => {
    const onLine = { value, configurable: true }
    vi.stubGlobal('navigator', Object.create(navigator, { onLine }))
  }
  const [server, storage] = [createServer(), createSharedStorage()]
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (!String(init?.body).includes('grant_type=refresh_token')) return server.fetch(url, init)
    setOnline(after)
    throw new TypeError('Failed to fetch')
  }
  const page = openPage({ server, storage }, { fetch })
  await page.logIn()
  setOnline(before)
  await page.auth.getTokenSilently(off)
  expect(doubtOf(page)).toBeDefined()
})

test('where no strategy comes after it, it is sent once more at once, although a frame has succeeded', async () => {
  const frame = createRenewal({}, new AuthError('silent_timeout'))
  const page = openPage({}, { renewal: [asFrame(frame), refreshToken()] })
  await page.logIn()
  await page.auth.getTokenSilently(off)
  page.server.control.addFault({ ...drop, times: 1 })
  expect(await page.auth.getTokenSilently(off)).toBeTypeOf('string')
  expect(new Set(sentBy(page)).size).toBe(1)
  expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
})
