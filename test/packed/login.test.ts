import {
  createAuthClient,
  fetchUserInfo,
  refreshToken,
  webStorage,
  type AuthClient,
  type ClientOptions,
} from 'sotto'
import { createAuthorizationServer } from 'sotto/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'

const server = createAuthorizationServer({
  issuer: 'https://login.example.com',
  signingAlg: 'ES256',
})
const logins: URL[] = []

function createClient(options: Partial<ClientOptions> = {}): AuthClient {
  const auth = createAuthClient({
    issuer: server.issuer,
    clientId: 'app',
    redirectUri: '/callback',
    fetch: server.fetch,
    navigate: (url) => void logins.push(url),
    ...options,
  })
  onTestFinished(() => auth.dispose())
  return auth
}

/** The server's answer to the last login. */
function answer(): string {
  const outcome = server.control.authorize({ url: String(logins.at(-1)), user: 'alice' })
  return 'location' in outcome ? outcome.location : ''
}

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', '/')
})

test('the first lines of the README say at once that no frame is loaded here', async () => {
  const auth = createClient()
  expect(await auth.start()).toMatchObject({
    status: 'error',
    error: { code: 'silent_blocked', reason: 'no_frames' },
  })
  expect(document.querySelector('iframe')).toBeNull()
  const token = auth.getTokenSilently()
  await expect(token).rejects.toMatchObject({ code: 'silent_blocked', reason: 'no_frames' })
})

test('without a frame nobody is signed in', async () => {
  expect(await createClient({ renewal: [] }).start()).toEqual({ status: 'anonymous' })
})

test('a login by redirect', async () => {
  const before = createClient({ renewal: [] })
  await before.loginWithRedirect({ returnTo: '/orders' })
  before.dispose()
  history.replaceState(null, '', answer())
  const auth = createClient({ renewal: [] })
  expect(await auth.start()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(location.pathname + location.search).toBe('/orders')
  expect(await fetchUserInfo(auth)).toMatchObject({ name: 'Alice Liddell' })
})

test('a session that is kept, renewed and ended', async () => {
  const options = {
    scope: 'openid offline_access',
    renewal: [refreshToken()],
    tokenStorage: webStorage(() => localStorage),
  }
  const before = createClient(options)
  await before.loginWithRedirect()
  await before.handleRedirectCallback({ url: answer() })
  const token = await before.getTokenSilently()
  const renewed = await before.getTokenSilently({ cacheMode: 'off' })
  expect(renewed).not.toBe(token)
  before.dispose()
  const auth = createClient(options)
  expect(await auth.start()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(await auth.getTokenSilently()).toBe(renewed)
  await auth.logout()
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
})

test('a server that cannot be reached is an error of ours', async () => {
  const auth = createClient({ issuer: 'http://localhost:9', fetch: globalThis.fetch })
  const login = auth.loginWithRedirect()
  await expect(login).rejects.toMatchObject({ code: 'discovery_failed' })
})
