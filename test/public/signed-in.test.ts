// @vitest-environment happy-dom
import { beforeEach, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { fetchUserInfo, type AuthClient } from 'sotto'
import { createAuthorizationServer, signedIn, type SignedInOptions } from 'sotto/testing'
import { z } from 'zod'

const issuer = 'https://login.example.com'
const createServer = (clients = {}) =>
  createAuthorizationServer({ issuer, signingAlg: 'ES256', ...clients })

async function signIn(server = createServer(), options: SignedInOptions = {}) {
  const auth = await signedIn(server, options)
  onTestFinished(() => auth.dispose())
  return { auth, server }
}

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

test('alice is signed in, with a token that the server knows', async () => {
  const { auth } = await signIn()
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(await auth.start()).toBe(auth.getSnapshot())
  expect(await fetchUserInfo(auth)).toMatchObject({ sub: 'alice', name: 'Alice Liddell' })
  expectTypeOf(auth).toEqualTypeOf<AuthClient>()
})

test('or somebody else, with options of the client', async () => {
  const schema = z.object({ sub: z.string(), email: z.string() })
  const auth = await signedIn(createServer(), { user: 'bob', claims: schema })
  onTestFinished(() => auth.dispose())
  expect((await auth.getUser())?.email).toBe('bob@example.com')
  expectTypeOf(auth.getUser()).resolves.toExtend<{ email: string } | undefined>()
})

test('renews without a frame, until the server ends it', async () => {
  const { auth, server } = await signIn()
  const token = await auth.getTokenSilently()
  expect(await auth.getTokenSilently({ cacheMode: 'off' })).not.toBe(token)
  server.control.revokeRefreshTokens()
  const ended = auth.getTokenSilently({ cacheMode: 'off' })
  await expect(ended).rejects.toMatchObject({ code: 'session_expired' })
})

test('is the session of one test: another server, another user, at the same time', async () => {
  const first = await signIn()
  const second = await signIn(createServer(), { user: 'bob' })
  expect(await first.auth.getUser()).toMatchObject({ sub: 'alice' })
  expect(await second.auth.getUser()).toMatchObject({ sub: 'bob' })
})

test('later logins and logouts go where the options say, or nowhere', async () => {
  const navigate = vi.fn<(url: URL) => void>()
  const { auth } = await signIn(createServer(), { navigate })
  expect(navigate).not.toHaveBeenCalled()
  await auth.logout()
  await auth.loginWithRedirect()
  expect(navigate.mock.calls.map(([url]) => url.pathname)).toEqual(['/end-session', '/authorize'])
  const quiet = await signIn(createServer())
  await quiet.auth.logout()
  expect(quiet.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('the URL of the page stays as it is', async () => {
  history.replaceState(null, '', '/orders?a=1')
  await signIn()
  expect(location.href).toBe('http://localhost:3000/orders?a=1')
})

test('says what is wrong', async () => {
  const failed = signedIn(createServer(), { redirectUri: '/elsewhere' })
  await expect(failed).rejects.toThrow('http://localhost:3000/elsewhere')
  await expect(signedIn(createServer(), { user: 'mallory' })).rejects.toThrow('mallory')
})
