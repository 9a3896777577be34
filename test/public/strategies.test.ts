// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, isAuthError, type AuthEvents, type RenewalStrategy } from 'sotto'
import { splitCodes } from '../support/error-codes.ts'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

type Answers = Parameters<typeof createRenewal>

/** A client with a strategy for each answer. */
function createStrategies(...answers: Answers) {
  const scripts = answers.map((answer) => createRenewal(answer))
  const { auth } = createClient({ renewal: scripts.map(({ strategy }) => strategy) })
  const renewals: AuthEvents['renewal'][] = []
  auth.on('renewal', (event) => renewals.push(event))
  const asked = (): number[] => scripts.map(({ requests }) => requests.length)
  return { auth, asked, renewals }
}

const final = splitCodes('endsRenewal')

test.each(final.without)('asks the next strategy after one that met %s', async (code) => {
  const { auth, asked } = createStrategies(new AuthError(code), { accessToken: 'from the second' })
  expect(await auth.getTokenSilently()).toBe('from the second')
  expect(asked()).toEqual([1, 1])
})

test.each(final.withIt)('does not ask the next strategy after one that met %s', async (code) => {
  const { auth, asked } = createStrategies(new AuthError(code), {})
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code,
    attempts: [{ strategy: 'custom', code }],
  })
  expect(asked()).toEqual([1, 0])
})

test('tries the next strategy although the device says that it is offline', async () => {
  vi.stubGlobal('navigator', Object.create(navigator, { onLine: { value: false } }))
  const { auth, asked } = createStrategies(new AuthError('network_error'), {})
  expect(await auth.getTokenSilently()).toBeTypeOf('string')
  expect(asked()).toEqual([1, 1])
  vi.unstubAllGlobals()
})

test('rejects with the error of a strategy rather than with that of one that was not possible', async () => {
  const { auth } = createStrategies(new AuthError('session_expired'), { notPossible: 'no' })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'session_expired',
    attempts: [
      { strategy: 'custom', code: 'session_expired' },
      { strategy: 'custom', code: 'not_possible', reason: 'no' },
    ],
  })
})

test.each([
  ['silent_timeout', 'network_error'],
  ['network_error', 'silent_timeout'],
] as const)(
  'says network_error where a frame had no answer either: %s, then %s',
  async (...codes) => {
    const { auth } = createStrategies(...codes.map((code) => new AuthError(code)))
    await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'network_error' })
  },
)

test.each([
  ['login_required', 'network_error'],
  ['network_error', 'login_required'],
] as const)("says the server's login_required first: %s, then %s", async (...codes) => {
  const { auth } = createStrategies(
    ...codes.map((code) => (code === 'login_required' ? loginRequired() : new AuthError(code))),
  )
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
})

test('says what may pass rather than what will not, where the server has not spoken', async () => {
  const { auth } = createStrategies(
    new AuthError('silent_blocked', { reason: 'csp' }),
    new AuthError('silent_timeout'),
  )
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'silent_timeout' })
})

test("the server's login_required is told rather than the end of a refresh token", async () => {
  const { auth } = createStrategies(new AuthError('session_expired'), loginRequired())
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
})

test('a strategy is asked once more at the end where it is in doubt, and not for ever', async () => {
  const inDoubt = createRenewal({ notPossible: 'in_doubt' }, { notPossible: 'in_doubt' })
  const other = createRenewal({ notPossible: 'no' })
  const { auth } = createClient({ renewal: [inDoubt.strategy, other.strategy] })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    attempts: [{ reason: 'in_doubt' }, { reason: 'no' }, { reason: 'in_doubt' }],
  })
})

test('says why the last strategy was not possible where none was', async () => {
  const { auth } = createStrategies({ notPossible: 'first' }, { notPossible: 'last' })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    reason: 'last',
  })
})

test('calls each strategy by its label, in events and errors', async () => {
  const [one, two] = [createRenewal({ notPossible: 'no' }), createRenewal({}, loginRequired())]
  const { auth } = createClient({
    renewal: [
      Object.assign(one.strategy, { label: 'one' }),
      Object.assign(two.strategy, { label: 'two' }),
    ],
  })
  const renewals: AuthEvents['renewal'][] = []
  auth.on('renewal', (event) => renewals.push(event))
  await auth.getTokenSilently()
  one.answers.push(new AuthError('silent_blocked', { reason: 'csp' }))
  const error = await auth.getTokenSilently({ cacheMode: 'off' }).catch((caught: unknown) => caught)
  const attempts = [
    { strategy: 'one', code: 'silent_blocked', reason: 'csp' },
    { strategy: 'two', code: 'login_required' },
  ]
  expect(isAuthError(error) && error.attempts).toEqual(attempts)
  expect(renewals).toMatchObject([
    {
      outcome: 'success',
      strategy: 'two',
      attempts: [{ strategy: 'one', code: 'not_possible', reason: 'no' }],
    },
    { outcome: 'failure', error: 'login_required', attempts },
  ])
  expect(renewals[1]).not.toHaveProperty('strategy')
})

// covers spec:refresh-token-ended
test('sends a user whose session has expired to log in, where the app wants that', async () => {
  const { auth, visits } = createClient(
    { onLoginRequired: 'redirect' },
    { renewal: createRenewal(new AuthError('session_expired')) },
  )
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'session_expired' })
  expect(visits).toHaveLength(1)
})

test('ends a session that has expired once no token is left that is good', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  renewal.answers.push(new AuthError('session_expired'), new AuthError('session_expired'))
  await auth.getTokenSilently({ audience: 'other' }).catch(() => {})
  expect(auth.getSnapshot().status).toBe('authenticated')
  vi.setSystemTime(Date.now() + 300_000)
  await auth.getTokenSilently().catch(() => {})
  expect(auth.getSnapshot().status).toBe('anonymous')
})

test.each(['state_mismatch', 'id_token_invalid', 'issuer_mismatch', 'response_invalid'] as const)(
  'a session outlives its refresh token where a frame had an answer that was unfit: %s',
  async (code) => {
    const [refresh, frame] = [createRenewal(), createRenewal(new AuthError(code))]
    const { auth } = createClient({ renewal: [refresh.strategy, frame.strategy] })
    await auth.getTokenSilently()
    vi.setSystemTime(Date.now() + 300_000)
    refresh.answers.push(new AuthError('session_expired'), { notPossible: 'no_refresh_token' })
    await expect(auth.getTokenSilently()).rejects.toMatchObject({ code })
    expect(auth.getSnapshot().status).toBe('authenticated')
    expect(await auth.getTokenSilently()).toBeTypeOf('string')
  },
)

test('asks no further strategy once every caller has given up', async () => {
  const [first, second] = [createRenewal(), createRenewal()]
  const { auth } = createClient({ renewal: [first.strategy, second.strategy] })
  first.hold()
  const controller = new AbortController()
  const call = auth.getTokenSilently({ signal: controller.signal })
  const outcome = expect(call).rejects.toThrow('gone')
  await passTime(1)
  controller.abort(new Error('gone'))
  await outcome
  await passTime(1)
  expect([first.requests.length, second.requests.length]).toEqual([1, 0])
})

test('asks no further strategy after a logout', async () => {
  const [first, second] = [createRenewal(new AuthError('network_error')), createRenewal()]
  const { auth } = createClient({ renewal: [first.strategy, second.strategy] })
  const release = first.hold()
  const call = auth.getTokenSilently()
  const outcome = expect(call).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(1)
  await auth.logout()
  release()
  await outcome
  expect(second.requests).toEqual([])
})

/** A strategy of an app that fails otherwise than by an `AuthError`. */
const throws: RenewalStrategy = async () => {
  throw new TypeError('Failed to fetch')
}

test('a strategy that throws no AuthError lets the next one try', async () => {
  const next = createRenewal({ accessToken: 'from the next' })
  const { auth } = createClient({ renewal: [throws, next.strategy] })
  expect(await auth.getTokenSilently()).toBe('from the next')
})

test('a strategy that throws no AuthError is told of as a wrong set-up, with its error', async () => {
  const { auth } = createClient({ renewal: [throws] })
  const renewals: AuthEvents['renewal'][] = []
  auth.on('renewal', (event) => renewals.push(event))
  const attempts = [{ strategy: 'custom', code: 'config_invalid', reason: 'renewal' }]
  const error = {
    code: 'config_invalid',
    reason: 'renewal',
    attempts,
    cause: expect.any(TypeError) as unknown,
  }
  expect(await auth.start()).toMatchObject({ status: 'error', error })
  expect(renewals).toMatchObject([{ outcome: 'failure', error: 'config_invalid', attempts }])
})

test('a strategy that gives up with its caller is no wrong set-up', async () => {
  const renewal: RenewalStrategy = async (_context, _request, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')))
    })
  const { auth } = createClient({ renewal: [renewal] })
  const renewals: AuthEvents['renewal'][] = []
  auth.on('renewal', (event) => renewals.push(event))
  const caller = new AbortController()
  const call = auth.getTokenSilently({ signal: caller.signal })
  await passTime(10)
  caller.abort()
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  await passTime(10)
  expect(renewals).toEqual([])
})

test('what the app throws in onLogin is reported, and costs neither a login nor a token', async () => {
  const reported: (() => void)[] = []
  vi.stubGlobal('queueMicrotask', (report: () => void) => reported.push(report))
  const onLogin = () => {
    throw new TypeError('A bug in the app')
  }
  const next = createRenewal()
  const page = createClient({
    renewal: [Object.assign(createRenewal().strategy, { onLogin }), next.strategy],
  })
  await page.auth.loginWithRedirect({ returnTo: '/orders' })
  history.replaceState(null, '', page.answer('alice'))
  expect(await page.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(location.pathname).toBe('/orders')
  const { accessToken } = await page.auth.getTokenSilently({ cacheMode: 'off', detailed: true })
  expect(await page.auth.getTokenSilently()).toBe(accessToken)
  expect(next.requests).toEqual([])
  expect(reported).toHaveLength(2)
  expect(reported[0]).toThrow(TypeError)
})

test('asks no further strategy after a logout, also where the one before does not heed its signal', async () => {
  let answer = (): void => {}
  const slow: RenewalStrategy = () =>
    new Promise((resolve) => (answer = () => resolve({ notPossible: 'late' })))
  const next = createRenewal()
  const { auth } = createClient({ renewal: [slow, next.strategy] })
  const call = auth.getTokenSilently()
  await passTime(1)
  void auth.logout({ localOnly: true })
  await expect(call).rejects.toMatchObject({ code: 'logged_out' })
  answer()
  await passTime(1)
  expect(next.requests).toEqual([])
})
