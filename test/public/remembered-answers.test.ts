// @vitest-environment happy-dom
// What a server says of a session is believed for a moment; what it or the network says of the
// moment is not.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

test('remembers login_required for five seconds, in a page that was open for long', async () => {
  const { auth, renewal } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await passTime(60_000)
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  await passTime(4999)
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  expect(renewal.requests).toHaveLength(1)
  await passTime(1)
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
  expect(renewal.requests).toHaveLength(2)
})

test('remembers login_required for what was asked only', async () => {
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  await expect(auth.getTokenSilently({ scope: 'orders' })).resolves.toBeTypeOf('string')
})

test('asks again with cacheMode off although login_required is remembered', async () => {
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  await expect(auth.getTokenSilently({ cacheMode: 'off' })).resolves.toBeTypeOf('string')
})

test('forgets a remembered login_required once a call was answered', async () => {
  const renewal = createRenewal(loginRequired(), { expiresInSeconds: 1 })
  const { auth } = createClient({}, { renewal })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  await auth.getTokenSilently({ cacheMode: 'off' })
  await passTime(2000)
  expect(await auth.getTokenSilently()).toMatch(/^access-token/)
  expect(renewal.requests).toHaveLength(3)
})

test('forgets a remembered login_required when a person logs in', async () => {
  const { auth, logIn } = createClient({}, { renewal: createRenewal(loginRequired()) })
  const other = { scope: 'orders' }
  await expect(auth.getTokenSilently(other)).rejects.toMatchObject({ code: 'login_required' })
  await logIn()
  await expect(auth.getTokenSilently(other)).resolves.toBeTypeOf('string')
})

test.each([
  'network_error',
  'timeout',
  'server_error',
  'silent_timeout',
  'silent_blocked',
] as const)('does not remember %s', async (code) => {
  const { auth } = createClient({}, { renewal: createRenewal(new AuthError(code)) })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code })
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
})

test('does not remember what the server says of the moment', async () => {
  const busy = new AuthError('token_error', { oauthError: 'temporarily_unavailable' })
  const { auth } = createClient({}, { renewal: createRenewal(busy) })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'token_error' })
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
})

test('asks again where the user has logged in since the server was asked', async () => {
  const renewal = createRenewal(loginRequired())
  const { auth, logIn, visits } = createClient({}, { renewal })
  const release = renewal.hold()
  const call = auth.getTokenSilently({ audience: 'orders', onLoginRequired: 'redirect' })
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(1))
  await logIn()
  release()
  expect(await call).toMatch(/^access-token/)
  expect(visits).toHaveLength(1)
  expect(renewal.requests).toHaveLength(2)
})

test('believes the server after that', async () => {
  const renewal = createRenewal(loginRequired(), loginRequired())
  const { auth, logIn } = createClient({}, { renewal })
  const release = renewal.hold()
  const call = expect(auth.getTokenSilently({ audience: 'orders' })).rejects.toMatchObject({
    code: 'login_required',
  })
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(1))
  await logIn()
  release()
  await call
  expect(renewal.requests).toHaveLength(2)
})
