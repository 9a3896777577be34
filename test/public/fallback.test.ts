// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, loginWithPopup, type AuthErrorCode } from 'sotto'
import { createClient, passTime, preparePage, type TestClient } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { createPopupClient } from '../support/popup-client.ts'

beforeEach(preparePage)

type Call = Parameters<TestClient['auth']['getTokenSilently']>[0]

/** A page whose silent requests meet `login_required`, as often as told. */
function createLoggedOutPage(times = 1): TestClient {
  const answers = Array.from({ length: times }, loginRequired)
  return createClient({ onLoginRequired: 'redirect' }, { renewal: createRenewal(...answers) })
}

/** One silent call that ends in a redirect, and the page that comes back. */
async function goRound(page: TestClient, call: Call = {}): Promise<void> {
  const asked = page.auth.getTokenSilently(call)
  await expect(asked).rejects.toMatchObject({ code: 'login_required' })
  await page.auth.handleRedirectCallback({ url: page.answer('alice') })
}

test('throws by default and stays on the page', async () => {
  const { auth, visits } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'login_required',
    oauthError: 'login_required',
  })
  expect(visits).toEqual([])
})

// covers spec:error-codes
test.each([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
] as const satisfies AuthErrorCode[])('redirects for %s', async (code) => {
  const { auth, visits } = createClient(
    { onLoginRequired: 'redirect' },
    { renewal: createRenewal(new AuthError(code)) },
  )
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code })
  expect(visits).toHaveLength(1)
})

// covers spec:error-codes
test.each([
  'network_error',
  'timeout',
  'server_error',
  'silent_timeout',
  'silent_blocked',
  'access_denied',
  'authorization_error',
  'token_error',
  'user_changed',
] as const satisfies AuthErrorCode[])('does not redirect for %s', async (code) => {
  const { auth, visits } = createClient(
    { onLoginRequired: 'redirect' },
    { renewal: createRenewal(new AuthError(code)) },
  )
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code })
  expect(visits).toEqual([])
})

test('does not redirect after a logout', async () => {
  const { auth, visits } = createClient({ onLoginRequired: 'redirect' })
  await auth.logout({ localOnly: true })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  expect(visits).toEqual([])
})

test('the option of a call wins over that of the client', async () => {
  const page = createLoggedOutPage()
  const call = page.auth.getTokenSilently({ onLoginRequired: 'throw' })
  await expect(call).rejects.toMatchObject({ code: 'login_required' })
  expect(page.visits).toEqual([])
})

test('asks for exactly what the call asked for, and its token answers the same call', async () => {
  history.replaceState(null, '', '/orders?page=2#top')
  const page = createLoggedOutPage()
  const call = {
    scope: 'orders',
    audience: 'https://api.example.com',
    resource: ['https://b.example.com', 'https://a.example.com'],
    authorizationParams: { tenant: 'two' },
  }
  await expect(page.auth.getTokenSilently(call)).rejects.toMatchObject({ code: 'login_required' })
  const { searchParams } = page.visits[0]!
  expect(Object.fromEntries(searchParams)).toMatchObject({
    scope: 'openid orders',
    audience: 'https://api.example.com',
    tenant: 'two',
  })
  expect(searchParams.has('prompt')).toBe(false)
  expect(searchParams.getAll('resource')).toEqual([
    'https://a.example.com',
    'https://b.example.com',
  ])
  const { returnTo } = await page.auth.handleRedirectCallback({ url: page.answer('alice') })
  expect(returnTo).toBe('http://localhost:3000/orders?page=2#top')
  await expect(page.auth.getTokenSilently(call)).resolves.toBeTypeOf('string')
  expect(page.renewal.requests).toHaveLength(1)
})

test('makes one redirect for parallel calls', async () => {
  const page = createLoggedOutPage(3)
  await Promise.allSettled([
    page.auth.getTokenSilently(),
    page.auth.getTokenSilently(),
    page.auth.getTokenSilently({ scope: 'orders' }),
  ])
  expect(page.visits).toHaveLength(1)
})

test.each(['Redirect', 5])('an option %s of a call is a wrong set-up', async (policy) => {
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  const onLoginRequired = policy as never
  await expect(auth.getTokenSilently({ onLoginRequired })).rejects.toMatchObject({
    code: 'config_invalid',
    reason: 'onLoginRequired',
  })
})

test('a function of the app is given the error and decides', async () => {
  const onLoginRequired = vi.fn()
  const page = createClient({ onLoginRequired }, { renewal: createRenewal(loginRequired()) })
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  expect(onLoginRequired).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'login_required' }),
    expect.any(Function),
  )
  expect(page.visits).toEqual([])
})

test('a function of the app may log in', async () => {
  const page = createClient(
    { onLoginRequired: (_error, login) => void login() },
    { renewal: createRenewal(loginRequired()) },
  )
  await expect(page.auth.getTokenSilently({ scope: 'orders' })).rejects.toMatchObject({
    code: 'login_required',
  })
  expect(page.visits[0]?.searchParams.get('scope')).toBe('openid orders')
})

test('does not go round again for a key that got no token since it came back', async () => {
  const page = createLoggedOutPage(0)
  page.server.control.addFault({
    endpoint: 'token',
    name: 'oauthError',
    error: 'invalid_grant',
    times: 1,
  })
  page.renewal.answers.push(loginRequired())
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  const callback = page.auth.handleRedirectCallback({ url: page.answer('alice') })
  await expect(callback).rejects.toMatchObject({ code: 'token_error' })
  await passTime(5001)
  page.renewal.answers.push(loginRequired())
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'redirect_loop' })
  expect(page.visits).toHaveLength(1)
})

test.each([
  ['a call', {}],
  ['a call past the cache', { cacheMode: 'off' }],
] as const)('goes round again once a token was handed out to %s', async (_, call) => {
  const page = createLoggedOutPage()
  await goRound(page, call)
  await page.auth.getTokenSilently(call)
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await goRound(page, call)
  expect(page.visits).toHaveLength(2)
})

test('a login of the person ends the guard', async () => {
  const page = createLoggedOutPage()
  await goRound(page)
  await passTime(300_001)
  await page.logIn()
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await goRound(page)
  expect(page.visits).toHaveLength(3)
})

test('so does a login of the person in a popup', async () => {
  const page = createPopupClient({ onLoginRequired: 'redirect' })
  page.renewal.answers.push(loginRequired())
  await goRound(page)
  const login = loginWithPopup(page.auth)
  await page.answerPopup()
  await login
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await goRound(page)
  expect(page.visits).toHaveLength(2)
})

test('makes no more than three redirects in a minute, for whatever', async () => {
  const page = createLoggedOutPage(4)
  for (const scope of ['a', 'b', 'c']) {
    await goRound(page, { scope })
    await passTime(3001)
  }
  const fourth = page.auth.getTokenSilently({ scope: 'd' })
  await expect(fourth).rejects.toMatchObject({ code: 'redirect_loop' })
  await passTime(60_000)
  page.renewal.answers.push(loginRequired())
  await goRound(page, { scope: 'e' })
  expect(page.visits).toHaveLength(4)
})

test('the guard outlives the page', async () => {
  const page = createLoggedOutPage()
  await goRound(page)
  const next = createLoggedOutPage()
  await expect(next.auth.getTokenSilently()).rejects.toMatchObject({ code: 'redirect_loop' })
  expect(next.visits).toEqual([])
})

/** The page is in a tab that nobody looks at, until told. */
function hidePage(): () => void {
  const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  return () => {
    state.mockReturnValue('visible')
    document.dispatchEvent(new Event('visibilitychange'))
  }
}

test('a hidden tab waits until somebody looks, and asks once more before it leaves', async () => {
  const show = hidePage()
  const page = createLoggedOutPage(2)
  const outcome = expect(page.auth.getTokenSilently()).rejects.toMatchObject({
    code: 'login_required',
  })
  await passTime(6000)
  expect(page.visits).toEqual([])
  show()
  await outcome
  expect(page.visits).toHaveLength(1)
  expect(page.renewal.requests).toHaveLength(2)
})

test('a hidden tab does not leave if there is a session again when somebody looks', async () => {
  const show = hidePage()
  const page = createLoggedOutPage()
  const call = page.auth.getTokenSilently()
  await passTime(6000)
  show()
  await expect(call).resolves.toBeTypeOf('string')
  expect(page.visits).toEqual([])
})

test('a hidden tab whose client is disposed asks nothing and goes nowhere', async () => {
  const show = hidePage()
  const page = createLoggedOutPage(2)
  const outcome = expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'disposed' })
  await passTime(6000)
  page.auth.dispose()
  show()
  await outcome
  expect(page.visits).toEqual([])
  expect(page.renewal.requests).toHaveLength(1)
})

test('a client that was disposed of, beside one that was not, sends nobody to log in', async () => {
  const page = new Map()
  const renewal = createRenewal(loginRequired())
  const release = renewal.hold()
  const decide = vi.fn()
  const other = createClient({}, { renewal, page })
  await other.auth.isAuthenticated()
  const clients = (['redirect', decide] as const).map((onLoginRequired) =>
    createClient({ onLoginRequired }, { renewal, page }),
  )
  const calls = clients.map(({ auth }) =>
    expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'disposed' }),
  )
  await passTime(1)
  for (const { auth } of clients) auth.dispose()
  release()
  await Promise.all(calls)
  await passTime(1000)
  expect(clients.flatMap(({ visits }) => visits)).toEqual([])
  expect(decide).not.toHaveBeenCalled()
})
