// In Node's own environment: the requests of happy-dom do not lose their body when they are sent.
import { AuthError, createAuthFetch, type AuthClient, type LoginOptions } from 'sotto'
import { fakeAuth } from 'sotto/testing'
import { beforeEach, expect, test, vi } from 'vitest'
import { API, bearer, createApi, stubPage, type ApiAnswer } from '../support/api-client.ts'
import { createClient } from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'

beforeEach(stubPage)

/** An answer that asks for another authentication of the user. */
const challenge =
  (parameters = 'acr_values="urn:gold urn:silver", max_age=60'): ApiAnswer =>
  () => {
    const text = `Bearer error="insufficient_user_authentication", ${parameters}`
    return new Response('not enough', { status: 401, headers: { 'www-authenticate': text } })
  }

const neverAsked = (): never => {
  throw new Error('the user was asked')
}

/** A client whose user logs in again when they are asked, by a popup. */
function createWithUser(...answers: ApiAnswer[]) {
  const logins: LoginOptions[] = []
  const api = createApi(
    {
      scope: 'orders',
      audience: API,
      async onStepUp(login) {
        logins.push(login)
        await api.auth.getTokenSilently({ scope: 'orders', audience: API, cacheMode: 'off' })
      },
    },
    ...answers,
  )
  return { ...api, logins }
}

// covers spec:step-up fault:api-step-up
test('answers a challenge without the user where the server does', async () => {
  const { auth, authFetch, seen, renewal } = createApi({ onStepUp: neverAsked }, challenge())
  const first = await auth.getTokenSilently()
  const response = await authFetch(`${API}/pay`, { method: 'POST', body: '5' })
  expect(await response.text()).toBe('orders')
  const wanted = { acr_values: 'urn:gold urn:silver', max_age: '60' }
  expect(renewal.requests.map((one) => one.authorizationParams)).toEqual([{}, wanted])
  const second = await auth.getTokenSilently({ authorizationParams: wanted })
  expect(second).not.toBe(first)
  expect(seen.map(({ authorization }) => authorization)).toEqual([bearer(first), bearer(second)])
  expect(seen.map(({ body }) => body)).toEqual(['5', '5'])
})

test('what a step-up without the user has brought is sent from then on', async () => {
  const { authFetch, seen, renewal } = createApi({ onStepUp: neverAsked }, challenge())
  await authFetch(`${API}/pay`)
  await authFetch(`${API}/pay`)
  expect(seen[2]?.authorization).toBe(seen[1]?.authorization)
  expect(renewal.requests).toHaveLength(2)
})

// covers spec:step-up
test('has the user log in with what the API asks for, and sends the request again', async () => {
  const { auth, authFetch, logins, renewal, seen } = createWithUser(challenge())
  await auth.getTokenSilently({ scope: 'orders', audience: API })
  renewal.answers.push(loginRequired())
  expect((await authFetch(`${API}/pay`)).status).toBe(200)
  expect(logins).toEqual([
    { scope: 'orders', audience: API, acrValues: 'urn:gold urn:silver', maxAge: 60 },
  ])
  const token = await auth.getTokenSilently({ scope: 'orders', audience: API })
  expect(seen.map(({ authorization }) => authorization)[1]).toBe(bearer(token))
  expect(seen).toHaveLength(2)
})

test('a max_age of 0 is for the user at once', async () => {
  const { authFetch, logins, renewal } = createWithUser(challenge('max_age=0'))
  expect((await authFetch(`${API}/pay`)).status).toBe(200)
  expect(logins).toMatchObject([{ maxAge: 0 }])
  expect(renewal.requests.map((one) => one.authorizationParams)).toEqual([{}, {}])
})

test.each(['silent_blocked', 'silent_timeout', 'interaction_required'] as const)(
  'the user is asked where a silent request ends with %s',
  async (code) => {
    const { auth, authFetch, logins, renewal } = createWithUser(challenge())
    await auth.getTokenSilently({ scope: 'orders', audience: API })
    renewal.answers.push(new AuthError(code))
    expect((await authFetch(`${API}/pay`)).status).toBe(200)
    expect(logins).toHaveLength(1)
  },
)

test.each(['acr', 'auth_time'])(
  'the user is asked where the server answers silently with what it has, and the %s does not do',
  async (reason) => {
    const { auth, authFetch, logins, renewal } = createWithUser(challenge())
    await auth.getTokenSilently({ scope: 'orders', audience: API })
    renewal.answers.push(new AuthError('id_token_invalid', { reason }))
    expect((await authFetch(`${API}/pay`)).status).toBe(200)
    expect(logins).toHaveLength(1)
  },
)

test('the user is not asked where the ID token of a silent request is wrong', async () => {
  const { auth, authFetch, renewal } = createApi({ onStepUp: neverAsked }, challenge())
  await auth.getTokenSilently()
  renewal.answers.push(new AuthError('id_token_invalid', { reason: 'aud' }))
  await expect(authFetch(`${API}/pay`)).rejects.toMatchObject({ code: 'id_token_invalid' })
})

test.each(['network_error', 'server_error', 'user_changed'] as const)(
  'the user is not asked where a silent request ends with %s',
  async (code) => {
    const { auth, authFetch, renewal, seen } = createApi({ onStepUp: neverAsked }, challenge())
    await auth.getTokenSilently()
    renewal.answers.push(new AuthError(code))
    await expect(authFetch(`${API}/pay`)).rejects.toMatchObject({ code })
    expect(seen).toHaveLength(1)
  },
)

// covers fault:api-step-up
test('an API that is not content with a step-up gets no second one', async () => {
  const { authFetch, seen } = createApi({ onStepUp: neverAsked }, challenge(), challenge())
  await expect(authFetch(`${API}/pay`)).rejects.toMatchObject({
    code: 'interaction_required',
    reason: 'insufficient_user_authentication',
    status: 401,
  })
  expect(seen).toHaveLength(2)
})

test('a login that brings no new token is no answer', async () => {
  const { authFetch, seen } = createApi({ onStepUp: () => {} }, challenge('max_age=0'))
  await expect(authFetch(`${API}/pay`)).rejects.toMatchObject({ code: 'interaction_required' })
  expect(seen).toHaveLength(1)
})

test('a challenge that is met again later is answered again', async () => {
  const again = challenge('max_age=0')
  const { authFetch, logins } = createWithUser(again, () => new Response('paid'), again)
  await authFetch(`${API}/pay`)
  await authFetch(`${API}/pay`)
  expect(logins).toHaveLength(2)
})

test('onStepUp is called where the app has chosen to be redirected, too', async () => {
  const policy = vi.fn()
  const onStepUp = vi.fn(() => auth.getTokenSilently({ cacheMode: 'off' }))
  const { auth, renewal } = createClient({ onLoginRequired: policy })
  let isFirst = true
  const authFetch = createAuthFetch(auth, {
    allowedOrigins: [API],
    onStepUp,
    fetch: async () => {
      const answer = isFirst ? challenge()(null) : new Response('paid')
      isFirst = false
      return answer
    },
  })
  await auth.getTokenSilently()
  renewal.answers.push(loginRequired())
  expect((await authFetch(`${API}/pay`)).status).toBe(200)
  expect([policy.mock.calls.length, onStepUp.mock.calls.length]).toEqual([0, 1])
})

test('rejects as onStepUp does', async () => {
  const closed = new Error('the user has closed the popup')
  const onStepUp = () => Promise.reject(closed)
  const { authFetch } = createApi({ onStepUp }, challenge('max_age=0'))
  await expect(authFetch(`${API}/pay`)).rejects.toBe(closed)
})

test('a step-up as another user does not send what the first has asked for', async () => {
  const shown = fakeAuth({ user: { sub: 'alice' } })
  const tokens = ['of alice', 'of bob']
  const getTokenSilently = (async () => tokens.shift()) as AuthClient['getTokenSilently']
  const send = vi.fn(async () => challenge('max_age=0')(null))
  const authFetch = createAuthFetch(
    { ...shown, getTokenSilently },
    {
      allowedOrigins: [API],
      onStepUp: () => shown.show({ status: 'authenticated', user: { sub: 'bob' } }),
      fetch: send,
    },
  )
  await expect(authFetch(`${API}/pay`)).rejects.toMatchObject({ code: 'user_changed' })
  expect(send).toHaveBeenCalledTimes(1)
})

test('many calls that meet the same challenge make one step-up', async () => {
  const { authFetch, logins, seen } = createWithUser(...[1, 2, 3].map(() => challenge('max_age=0')))
  await Promise.all([1, 2, 3].map((order) => authFetch(`${API}/pay/${order}`)))
  expect(logins).toHaveLength(1)
  expect(seen).toHaveLength(6)
})

test('a call whose challenge comes late takes the token of the step-up', async () => {
  let answer!: (response: Response) => void
  const late = new Promise<Response>((resolve) => (answer = resolve))
  const tokens: (string | null)[] = []
  const asked: LoginOptions[] = []
  const { auth, authFetch } = createApi({
    async onStepUp(login) {
      asked.push(login)
      await auth.getTokenSilently({ cacheMode: 'off' })
    },
    fetch: async (input) => {
      tokens.push((input as Request).headers.get('authorization'))
      if (tokens.length === 1) return late
      return tokens.length === 2 ? challenge('max_age=0')(null) : new Response('paid')
    },
  })
  const first = authFetch(`${API}/pay`)
  await authFetch(`${API}/refund`)
  answer(challenge('max_age=0')(null))
  expect((await first).status).toBe(200)
  expect(asked).toHaveLength(1)
  expect(tokens.at(-1)).toBe(bearer(await auth.getTokenSilently()))
})

test('a caller that gives up leaves the others alone', async () => {
  let isThrough!: () => void
  const login = new Promise<void>((resolve) => (isThrough = resolve))
  const onStepUp = vi.fn(async () => {
    await login
    await auth.getTokenSilently({ cacheMode: 'off' })
  })
  const answers = [challenge('max_age=0'), challenge('max_age=0')]
  const { auth, authFetch } = createApi({ onStepUp }, ...answers)
  const caller = new AbortController()
  const given = authFetch(`${API}/pay`, { signal: caller.signal })
  const kept = authFetch(`${API}/pay`)
  await vi.waitFor(() => expect(onStepUp).toHaveBeenCalled())
  const reason = new Error('unmounted')
  caller.abort(reason)
  await expect(given).rejects.toBe(reason)
  isThrough()
  expect((await kept).status).toBe(200)
  expect(onStepUp).toHaveBeenCalledTimes(1)
})

test('without onStepUp the challenge is given back, and nothing is renewed', async () => {
  const { authFetch, renewal, seen } = createApi({}, challenge())
  const response = await authFetch(`${API}/pay`)
  expect([response.status, await response.text()]).toEqual([401, 'not enough'])
  expect([seen.length, renewal.requests.length]).toEqual([1, 1])
})

test.each([
  ['of a 403 is none', 403, 'reject' as const],
  ['where nobody is signed in is given back', 401, 'send' as const],
])('a challenge %s', async (_what, status, anonymous) => {
  const text = 'Bearer error="insufficient_user_authentication"'
  const headers = { 'www-authenticate': text }
  const refuse = () => new Response('not enough', { status, headers })
  const { auth, authFetch, renewal } = createApi({ onStepUp: neverAsked, anonymous }, refuse)
  if (anonymous === 'send') await auth.logout({ localOnly: true })
  expect((await authFetch(`${API}/pay`)).status).toBe(status)
  expect(renewal.requests).toHaveLength(anonymous === 'send' ? 0 : 1)
})

test('a request whose body is gone is given back', async () => {
  const { authFetch, seen } = createApi({ onStepUp: neverAsked }, challenge())
  const request = new Request(`${API}/pay`, { method: 'POST', body: '5' })
  expect((await authFetch(request)).status).toBe(401)
  expect(seen).toHaveLength(1)
})

test.each([
  ['acr values with a control character', 'acr_values="a\u0001b"', {}],
  ['acr values that begin with a space', 'acr_values=" a"', {}],
  ['empty acr values', 'acr_values=""', {}],
  ['a negative max_age beside acr values', 'max_age=-1, acr_values=a', { acrValues: 'a' }],
  ['a max_age with an exponent', 'max_age=1e3', {}],
  ['a max_age in words', 'max_age="soon"', {}],
])('of %s nothing unfit is asked for', async (_, parameters, wanted) => {
  const { auth, authFetch, logins, renewal } = createWithUser(challenge(parameters))
  await auth.getTokenSilently({ scope: 'orders', audience: API })
  renewal.answers.push(loginRequired())
  await authFetch(`${API}/pay`)
  expect(logins).toEqual([{ scope: 'orders', audience: API, ...wanted }])
})

test.each(named([5, 'login', {}]))('refuses %s as the onStepUp', (_, onStepUp) => {
  expect(() => createApi({ onStepUp: onStepUp as never })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'onStepUp' }),
  )
})
