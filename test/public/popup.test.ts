// @vitest-environment happy-dom
// What `loginWithPopup` and `getTokenWithPopup` take, refuse and give. How windows speak to each
// other is for the browsers: e2e/popup.spec.ts.
import { beforeEach, expect, test, vi } from 'vitest'
import {
  getTokenWithPopup,
  loginWithPopup,
  type AuthClient,
  type PopupOptions,
  type PopupTokenOptions,
} from 'sotto'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { advance, watchCryptography } from '../support/real-time.ts'
import { createPopupClient, type PopupClient } from '../support/popup-client.ts'

beforeEach(preparePage)

/** A client after a login by popup. */
async function signedIn(setting = {}): Promise<PopupClient> {
  const client = createPopupClient({}, setting)
  const login = loginWithPopup(client.auth)
  await client.answerPopup()
  await login
  return client
}

test('opens the popup in the very turn of the call, in the size that it was given', async () => {
  const { auth, open, answerPopup, popup } = createPopupClient()
  const login = loginWithPopup(auth, { width: 300, height: 200, appState: { cart: 3 } })
  expect(open).toHaveBeenCalledExactlyOnceWith(
    '',
    '_blank',
    expect.stringMatching(/^popup,width=300,height=200,/),
  )
  await answerPopup()
  const result = await login
  expect(Object.keys(result)).toEqual(['user', 'appState'])
  expect(result).toMatchObject({ user: { sub: 'alice' }, appState: { cart: 3 } })
  expect(await auth.getUser()).toBe(result.user)
  expect(popup.closed).toBe(true)
})

test('asks for what it is told, at the redirect URI that it is told', async () => {
  const { auth, asked, answerPopup } = createPopupClient(
    {},
    {
      server: createServer({
        clients: [{ clientId: 'app', redirectUris: ['http://localhost:3000/popup'] }],
      }),
    },
  )
  const login = loginWithPopup(auth, {
    redirectUri: '/popup',
    responseMode: 'fragment',
    scope: 'openid',
    maxAge: 60,
    authorizationParams: { login_hint: 'alice' },
  })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(Object.fromEntries(asked[0]!.searchParams)).toMatchObject({
    redirect_uri: 'http://localhost:3000/popup',
    response_mode: 'fragment',
    scope: 'openid',
    max_age: '60',
    login_hint: 'alice',
  })
  await answerPopup()
  await login
})

const unfit: [string, PopupOptions][] = [
  ['width', { width: -1 }],
  ['height', { height: '1,left=0' as unknown as number }],
  ['timeoutMs', { timeoutMs: NaN }],
  ['responseMode', { responseMode: 'form_post' as 'query' }],
  ['redirectUri', { redirectUri: 'https://evil.example/callback' }],
  ['maxAge', { maxAge: -1 }],
  ['appState', { appState: 1n }],
  ['sessionParams.prompt', { sessionParams: { prompt: 'login' } }],
  ['authorizationParams.state', { authorizationParams: { state: 'x' } }],
]

test.each(unfit)('refuses an unfit %s, before it opens anything', async (reason, options) => {
  const { auth, open } = createPopupClient()
  await expect(loginWithPopup(auth, options)).rejects.toMatchObject({
    code: 'config_invalid',
    reason,
  })
  expect(open).not.toHaveBeenCalled()
})

test('opens nothing for what is no client, for one that has ended, on a server, and after an abort', async () => {
  const { auth, open } = createPopupClient()
  await expect(loginWithPopup({} as AuthClient)).rejects.toMatchObject({ reason: 'auth' })
  const signal = AbortSignal.abort('enough')
  await expect(loginWithPopup(auth, { signal })).rejects.toBe('enough')
  await auth.isAuthenticated()
  auth.dispose()
  await expect(loginWithPopup(auth)).rejects.toMatchObject({ code: 'disposed' })
  const other = createPopupClient()
  vi.stubGlobal('document', undefined)
  await expect(loginWithPopup(other.auth)).rejects.toMatchObject({ code: 'not_in_browser' })
  vi.unstubAllGlobals()
  expect([open, other.open].flatMap(({ mock }) => mock.calls)).toEqual([])
})

test('options that only the prototype has do nothing', async () => {
  const { auth, open, asked, answerPopup } = createPopupClient()
  const polluted = Object.prototype as Record<string, unknown>
  Object.assign(polluted, { width: 1, timeoutMs: 1, scope: 'openid evil', maxAge: 1 })
  try {
    const login = loginWithPopup(auth)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    expect(open.mock.calls[0]?.[2]).toMatch(/width=480/)
    expect(Object.fromEntries(asked[0]!.searchParams)).toMatchObject({
      scope: 'email openid profile',
    })
    expect(asked[0]!.searchParams.has('max_age')).toBe(false)
    await answerPopup()
    await login
  } finally {
    for (const name of ['width', 'timeoutMs', 'scope', 'maxAge']) delete polluted[name]
  }
})

// covers fault:popup-blocked
test('says that the popup was blocked, and the next one works', async () => {
  const { auth, open, answerPopup } = createPopupClient()
  open.mockReturnValueOnce(null)
  await expect(loginWithPopup(auth)).rejects.toMatchObject({ code: 'popup_blocked' })
  const login = loginWithPopup(auth)
  await answerPopup()
  await login
  expect(open).toHaveBeenCalledTimes(2)
})

// covers fault:popup-refused
test('an error has the appState, is not worth another try by itself, and has no secret', async () => {
  const { auth, server, answerPopup } = createPopupClient()
  server.control.addFault({ endpoint: 'token', name: 'status', status: 503 })
  const failed = loginWithPopup(auth, { appState: { cart: 3 } }).catch((error: unknown) => error)
  await answerPopup()
  const error = await failed
  expect(error).toMatchObject({ code: 'server_error', retryable: false, appState: { cart: 3 } })
  expect(JSON.stringify(error)).not.toMatch(/code_verifier|\.p\./)
})

// covers fault:popup-refused
test('holds the answer against what was asked: max_age', async () => {
  const { auth, server, answerPopup } = createPopupClient()
  const auth_time = Math.floor(Date.now() / 1000) - 3600
  server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set: { auth_time } })
  const login = loginWithPopup(auth, { maxAge: 60 })
  const outcome = expect(login).rejects.toMatchObject({
    code: 'id_token_invalid',
    reason: 'auth_time',
  })
  await answerPopup()
  await outcome
  expect(await auth.isAuthenticated()).toBe(false)
})

test('counts as no redirect, and leaves nothing in the storage of logins', async () => {
  const { auth, answerPopup } = createPopupClient()
  const login = loginWithPopup(auth)
  await answerPopup()
  await login
  expect(sessionStorage).toHaveLength(0)
})

// covers fault:popup-logout
test('a login that was begun before a logout signs nobody in', async () => {
  const { auth, server, answerPopup, popup } = createPopupClient()
  const login = loginWithPopup(auth)
  const outcome = expect(login).rejects.toMatchObject({ code: 'logged_out' })
  await vi.waitFor(() => expect(popup.closed).toBe(false))
  await auth.logout({ localOnly: true })
  await outcome
  expect(popup.closed).toBe(true)
  expect(server.control.requests({ endpoint: 'token' })).toEqual([])
  const again = loginWithPopup(auth)
  await vi.waitFor(async () => answerPopup())
  expect(await again).toMatchObject({ user: { sub: 'alice' } })
})

// covers fault:popup-logout
test('a logout while the code is exchanged discards the tokens, and another login may begin', async () => {
  watchCryptography()
  const { auth, server, answerPopup, open } = createPopupClient()
  server.control.addFault({ endpoint: 'token', name: 'delay', ms: 1000, times: 1 })
  const outcome = expect(loginWithPopup(auth)).rejects.toMatchObject({ code: 'logged_out' })
  await answerPopup()
  await vi.waitFor(() => {
    expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  })
  await auth.logout({ localOnly: true })
  await outcome
  await advance(2000)
  expect(await auth.isAuthenticated()).toBe(false)
  const again = loginWithPopup(auth, { scope: 'openid' })
  await answerPopup()
  expect(await again).toMatchObject({ user: { sub: 'alice' } })
  expect(open).toHaveBeenCalledTimes(2)
})

// covers fault:popup-logout
test('no code is exchanged where a logout comes with the answer', async () => {
  const { auth, server, asked } = createPopupClient()
  const channels: { onmessage: (event: object) => void }[] = []
  await auth.isAuthenticated()
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      onmessage: (event: object) => void = () => {}
      constructor() {
        channels.push(this)
      }
      close() {}
    },
  )
  const outcome = expect(loginWithPopup(auth)).rejects.toMatchObject({ code: 'logged_out' })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  const answer = server.control.authorize({ url: asked[0]!.href, user: 'alice' })
  const href = 'location' in answer ? answer.location : ''
  channels[0]?.onmessage({ data: { type: 'sotto:callback', href } })
  await auth.logout({ localOnly: true })
  await outcome
  await passTime(100)
  expect(server.control.requests({ endpoint: 'token' })).toEqual([])
})

test('the end of the client closes the popup', async () => {
  const { auth, popup, asked } = createPopupClient()
  const outcome = expect(loginWithPopup(auth)).rejects.toMatchObject({ code: 'disposed' })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  auth.dispose()
  await outcome
  await passTime(0)
  expect(popup.closed).toBe(true)
})

// covers fault:popup-double-click
test('the same call joins the popup, each with its own signal; another one is refused', async () => {
  const { auth, open, answerPopup, popup } = createPopupClient()
  const caller = new AbortController()
  const first = loginWithPopup(auth, { signal: caller.signal })
  const second = loginWithPopup(auth, { width: 100 })
  await expect(loginWithPopup(auth, { scope: 'openid' })).rejects.toMatchObject({
    code: 'popup_blocked',
    reason: 'already_open',
  })
  expect(popup.focus).toHaveBeenCalledOnce()
  const outcome = expect(first).rejects.toBe('enough')
  caller.abort('enough')
  await outcome
  expect(popup.closed).toBe(false)
  await answerPopup()
  expect(await second).toMatchObject({ user: { sub: 'alice' } })
  expect(open).toHaveBeenCalledOnce()
})

test('gives the token of the answer, with details where they are asked for', async () => {
  const { auth, answerPopup, asked } = await signedIn()
  const options: PopupTokenOptions = {
    scope: 'openid orders',
    authorizationParams: { prompt: 'consent', ui_locales: 'de' },
  }
  const details = getTokenWithPopup(auth, { ...options, detailed: true })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]!.searchParams.get('prompt')).toBe('consent')
  await answerPopup()
  const { accessToken, scope } = await details
  expect(scope).toBe('openid orders')
  const cached = { scope: 'openid orders', authorizationParams: { ui_locales: 'de' } }
  expect(await auth.getTokenSilently(cached)).toBe(accessToken)
  const token = getTokenWithPopup(auth, options)
  await answerPopup()
  expect(await token).toMatch(/^ey/)
})

// covers fault:popup-other-user
test('a token is for the user who is signed in: another one is refused', async () => {
  const { auth, answerPopup } = await signedIn()
  const outcome = expect(getTokenWithPopup(auth)).rejects.toMatchObject({ code: 'user_changed' })
  await answerPopup('bob')
  await outcome
  expect(auth.getSnapshot()).toMatchObject({ status: 'anonymous' })
  await expect(getTokenWithPopup(auth)).rejects.toMatchObject({ code: 'user_changed' })
})

test('there is no token for nobody: known at once, or when the storage was read', async () => {
  const { auth, open, popup } = createPopupClient()
  await expect(getTokenWithPopup(auth)).rejects.toMatchObject({ code: 'login_required' })
  // It was not known yet.
  expect(open).toHaveBeenCalledOnce()
  expect(popup.closed).toBe(true)
  await auth.logout({ localOnly: true })
  await expect(getTokenWithPopup(auth)).rejects.toMatchObject({ code: 'logged_out' })
  expect(open).toHaveBeenCalledOnce()
})

test('a token takes no parameters for the session, and no state of the app', async () => {
  const { auth, asked, answerPopup } = await signedIn()
  const given = { sessionParams: { organization: 'org_7' }, appState: 1n } as PopupTokenOptions
  const token = getTokenWithPopup(auth, given)
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]!.searchParams.has('organization')).toBe(false)
  await answerPopup()
  await token
})
