// @vitest-environment happy-dom
// How `fetchUserInfo` is called, and given up.
import { beforeEach, expect, test, vi } from 'vitest'
import { fetchUserInfo, isAuthError, type AuthClient, type UserInfoOptions } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { answer, logInForUserInfo } from '../support/user-info.ts'

beforeEach(preparePage)

test('a caller that gives up gets its own reason', async () => {
  const { auth, asked } = await logInForUserInfo({ endpoint: 'userinfo', name: 'hang' })
  const caller = new AbortController()
  const outcome = expect(fetchUserInfo(auth, { signal: caller.signal })).rejects.toBe('enough')
  await vi.waitFor(() => expect(asked()).toHaveLength(1))
  caller.abort('enough')
  await outcome
  await expect(fetchUserInfo(auth, { signal: caller.signal })).rejects.toBe('enough')
  expect(asked()).toHaveLength(1)
})

const codeOf = (reason: unknown): unknown => (isAuthError(reason) ? reason.code : reason)

test('whenever a caller gives up, no failure is left that nobody handles', async () => {
  const { auth, asked } = await logInForUserInfo({ endpoint: 'userinfo', name: 'drop' })
  for (let ticks = 0; ticks < 30; ticks++) {
    const caller = new AbortController()
    const outcome = fetchUserInfo(auth, { signal: caller.signal }).catch((error: unknown) => error)
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
    caller.abort('enough')
    expect(['enough', 'network_error']).toContain(codeOf(await outcome))
  }
  expect(asked()).not.toEqual([])
})

test('no error says the token', async () => {
  const { auth } = await logInForUserInfo(answer('{"sub":"mallory","error":"a"}'))
  const token = await auth.getTokenSilently()
  const error = await fetchUserInfo(auth).catch((reason: unknown) => reason as Error)
  const text = `${JSON.stringify(error)} ${String(error)} ${String((error as Error).cause)}`
  expect(text).not.toContain(token)
  expect(text).not.toContain('mallory')
})

test('refuses what is no client, and works in no server', async () => {
  await expect(fetchUserInfo({} as AuthClient)).rejects.toMatchObject({
    code: 'config_invalid',
    reason: 'auth',
  })
  const { auth } = createClient()
  vi.stubGlobal('document', undefined)
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({ code: 'not_in_browser' })
  vi.unstubAllGlobals()
})

test('options that only the prototype has, or that are for other functions, do nothing', async () => {
  const { auth, renewal } = await logInForUserInfo({
    endpoint: 'userinfo',
    name: 'delay',
    ms: 1000,
  })
  const polluted = Object.prototype as Record<string, unknown>
  Object.assign(polluted, { audience: 'https://evil.example', timeoutMs: 1 })
  try {
    const info = fetchUserInfo(auth, { detailed: true, cacheMode: 'off' } as UserInfoOptions)
    const outcome = expect(info).resolves.toMatchObject({ sub: 'alice' })
    await passTime(1001)
    await outcome
  } finally {
    for (const name of ['audience', 'timeoutMs']) delete polluted[name]
  }
  expect(renewal.requests).toEqual([])
})
