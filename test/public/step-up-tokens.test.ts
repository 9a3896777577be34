// @vitest-environment happy-dom
// Which token is sent after a step-up: to an API that knows its tokens.
import { createAuthFetch, getTokenWithPopup, refreshToken, type AuthFetchOptions } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { API } from '../support/api-client.ts'
import { createClient, passTime, preparePage, type TestClient } from '../support/flow-client.ts'
import { createPopupClient } from '../support/popup-client.ts'
import { logInWithRefreshToken } from '../support/refresh-client.ts'

beforeEach(preparePage)

/** An API for which the first token that it sees is too weak, and that refuses what it is told to. */
function createPay({ auth }: TestClient, options: Partial<AuthFetchOptions>, maxAge: number) {
  const seen: string[] = []
  const refused = new Set<string>()
  const error = `Bearer error="insufficient_user_authentication", max_age=${maxAge}`
  const authFetch = createAuthFetch(auth, {
    allowedOrigins: [API],
    async fetch(input) {
      const token = (input as Request).headers.get('authorization') ?? ''
      seen.push(token)
      if (token === seen[0])
        return new Response('', { status: 401, headers: { 'www-authenticate': error } })
      return refused.has(token) ? new Response('', { status: 401 }) : new Response('paid')
    },
    ...options,
  })
  const pay = async (): Promise<string> => (await authFetch(`${API}/pay`)).text()
  return { pay, seen, refused }
}

test.each([
  ['no options', {}],
  ['an audience', { audience: API }],
  ['fewer scopes', { scope: 'email' }],
  ['parameters', { authorizationParams: { organization: 'o' } }],
])('the login of a step-up answers a call with %s, and those after it', async (_, options) => {
  const page = await logInWithRefreshToken()
  let logins = 0
  const onStepUp: AuthFetchOptions['onStepUp'] = async (login) => {
    logins++
    await passTime(1000)
    await page.logIn('alice', login)
  }
  const { pay, seen } = createPay(page, { onStepUp, ...options }, 0)
  expect([await pay(), await pay()]).toEqual(['paid', 'paid'])
  expect([logins, seen.length]).toEqual([1, 3])
})

test('a token of a step-up that the API refuses is replaced by another one', async () => {
  const client = createClient()
  const { pay, seen, refused } = createPay(client, { onStepUp() {} }, 60)
  expect([await pay(), await pay()]).toEqual(['paid', 'paid'])
  refused.add(seen[2]!)
  expect([await pay(), await pay()]).toEqual(['paid', 'paid'])
  const wanted = client.renewal.requests.map((one) => one.authorizationParams)
  expect(wanted).toEqual([{}, { max_age: '60' }, { max_age: '60' }])
  expect(seen).toHaveLength(7)
})

test('a popup for the token of a step-up leaves the refresh token where it is', async () => {
  const scope = 'openid profile email offline_access'
  const page = createPopupClient({ scope, renewal: [refreshToken()] })
  await page.logIn()
  const onStepUp: AuthFetchOptions['onStepUp'] = async (login) => {
    await passTime(1000)
    const asked = getTokenWithPopup(page.auth, login)
    await page.answerPopup()
    await asked
  }
  const { pay } = createPay(page, { onStepUp, scope: 'openid' }, 0)
  expect([await pay(), await pay()]).toEqual(['paid', 'paid'])
  expect(await page.auth.getTokenSilently({ cacheMode: 'off' })).toBeTypeOf('string')
})
