// @vitest-environment happy-dom
// What the token endpoint may answer, to a code and to a refresh token, while somebody is signed
// in; what becomes of the refresh token that was sent is decided in
// decisions/0012-refresh-token.md.
import { beforeEach, expect, test } from 'vitest'
import { pendingLoginKeys } from '../support/flow-storage.ts'
import { isAuthError, refreshToken, type AuthError } from 'sotto'
import type { Fault } from 'sotto/testing'
import { passTime, preparePage } from '../support/flow-client.ts'
import { logInWithRefreshToken, sentBy, type RefreshClient } from '../support/refresh-client.ts'
import { claims, members, tokenEndpointFaults } from '../support/token-endpoint-faults.ts'

beforeEach(preparePage)

/**
 * Somebody who is signed in, with a refresh token and a token that is still good; nobody else helps
 * to renew.
 */
async function prepare(): Promise<{ page: RefreshClient; before: string }> {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  const before = await page.auth.getTokenSilently()
  await passTime(3001)
  page.server.control.clearRequests()
  return { page, before }
}

const tokenRequests = ({ server }: RefreshClient): number =>
  server.control.requests({ endpoint: 'token' }).length

/**
 * Waits for a failure; the clock moves only where the fault needs it, because signatures take real
 * time.
 */
async function failureOf(
  page: RefreshClient,
  { name }: Fault,
  work: Promise<unknown>,
): Promise<AuthError> {
  const failure = work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (/^(hang|delay|slowBody)$/.test(name)) {
    while (tokenRequests(page) === 0) await new Promise((resolve) => setImmediate(resolve))
    await passTime(10_001)
  }
  const error = await failure
  if (!isAuthError(error)) throw new Error('no AuthError', { cause: error })
  return error
}

const cases = tokenEndpointFaults.map((row) => [row[0], row] as const)

/** As the table has it; by how much a clock is wrong depends on when the test runs. */
const describe = ({ code, reason, oauthError }: AuthError): string =>
  code + (oauthError ? ` (${oauthError})` : reason && code !== 'clock_skew' ? `/${reason}` : '')

/** How the next call ends where it brings no token. */
const FAILURES: Readonly<Record<string, object>> = {
  none: { code: 'interaction_required' },
  ended: { code: 'session_expired' },
  refused: { code: 'session_expired' },
}

async function expectUntouched({ auth }: RefreshClient, before: string): Promise<void> {
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(await auth.getTokenSilently()).toBe(before)
}

test.each(cases)(
  'a login that is answered with %s leaves the session as it was',
  async (_name, [, fault, , expected]) => {
    const { page, before } = await prepare()
    const audience = 'https://api.example.com'
    await page.auth.loginWithRedirect({ audience, appState: 'cart' })
    const url = page.answer('alice')
    page.server.control.addFault(fault)
    const error = await failureOf(page, fault, page.auth.handleRedirectCallback({ url }))
    expect(describe(error)).toBe(expected)
    expect(error).toMatchObject({ appState: 'cart', returnTo: 'http://localhost:3000/' })
    await expectUntouched(page, before)
    // Also of an answer that comes later.
    await passTime(10_000)
    expect(await page.auth.getTokenSilently({ audience, cacheMode: 'cache-only' })).toBeUndefined()
    // The code is spent: neither it nor its login comes back.
    await page.auth.handleRedirectCallback({ url }).catch(() => {})
    expect(tokenRequests(page)).toBe(1)
    expect(pendingLoginKeys()).toEqual([])
  },
)

// covers threat:failing-network
test.each(cases)(
  'a refresh that is answered with %s leaves the session as it was',
  async (_name, [, fault, next, login, refresh = login]) => {
    const { page, before } = await prepare()
    page.server.control.addFault(fault)
    const off = { cacheMode: 'off' } as const
    const error = await failureOf(page, fault, page.auth.getTokenSilently(off))
    expect(describe(error)).toBe(refresh)
    if (error.code === 'server_error' && !error.reason) expect(error.retryable).toBe(true)
    if (/^(429|503)$/.test(String(error.status))) expect(error.retryAfterSeconds).toBe(7)
    const [first, ...others] = sentBy(page)
    // What the network lost is sent once more at once.
    expect(others).toEqual(/^(drop|truncated)$/.test(fault.name) ? [first] : [])
    await expectUntouched(page, before)

    page.server.control.clearFaults()
    page.server.control.clearRequests()
    // No longer than the server asked for.
    await passTime(7000)
    const again = page.auth.getTokenSilently(off)
    const failure = FAILURES[next]
    if (failure) await expect(again).rejects.toMatchObject(failure)
    else expect(await again).not.toBe(before)
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    if (next === 'none' || next === 'ended') expect(sentBy(page)).toEqual([])
    if (next === 'same' || next === 'refused') expect(sentBy(page)).toEqual([first])
    if (next === 'new') expect(sentBy(page)).not.toEqual([first])
  },
)

// covers fault:refresh-same-access-token
test('a refresh that brings the access token that was there is taken once, without a loop', async () => {
  const { page, before } = await prepare()
  page.server.control.addFault(members({ access_token: before }, ['id_token']))
  expect(await page.auth.getTokenSilently({ cacheMode: 'off' })).toBe(before)
  expect(await page.auth.getTokenSilently()).toBe(before)
  expect(tokenRequests(page)).toBe(1)
})

// covers fault:id-token-nested
test('claims that are nested without end are refused before anything walks through them', async () => {
  const { page, before } = await prepare()
  let deep: unknown = 1
  for (let level = 0; level < 2000; level++) deep = [deep]
  page.server.control.addFault(claims({ deep }))
  const call = page.auth.getTokenSilently({ cacheMode: 'off' })
  await expect(call).rejects.toMatchObject({ code: 'id_token_invalid', reason: 'format' })
  await expectUntouched(page, before)
})
