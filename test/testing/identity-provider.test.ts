import { expect, test } from 'vitest'
import {
  callback,
  createThree,
  idTokenOf,
  locationOf,
  logIn,
  press,
  providerIssuer,
} from './federation.ts'
import { authorizationUrl, issuer, redirected, redirectUri } from './support.ts'

const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

test('sends the browser to the provider with a request of its own', async () => {
  const three = createThree()
  const page = await three.browser.open(authorizationUrl())
  expect(await page.clone().text()).toContain('Continue with Acme ID')
  const location = new URL(locationOf(await three.browser.submit(page, { provider: 'acme' })))
  expect(location.origin).toBe(providerIssuer)
  expect(Object.fromEntries(location.searchParams)).toMatchObject({
    client_id: 'sotto',
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid profile email',
    code_challenge_method: 'S256',
  })
  for (const name of ['state', 'nonce', 'code_challenge']) {
    const value = location.searchParams.get(name) ?? ''
    expect(value).toMatch(/^[\w-]{43}$/)
    expect(authorizationUrl()).not.toContain(value)
  }
})

test('logs a user in with the provider: three parties, two sessions, one answer', async () => {
  const three = createThree()
  const answer = await logIn(three)
  expect(locationOf(answer)).toMatch(`${redirectUri}?`)
  expect(redirected(answer).get('state')).toBe('the-state')
  const claims = await idTokenOf(three.server, answer)
  expect(claims).toMatchObject({
    iss: issuer,
    sub: 'acme|alice',
    nonce: 'the-nonce',
    name: 'Alice Liddell',
    email: 'alice@example.com',
    amr: ['pwd'],
  })
  expect(three.server.control.sessions()).toMatchObject([
    { sub: 'acme|alice', username: 'alice@acme', identityProvider: 'acme', amr: ['pwd'] },
  ])
  expect(three.provider.control.sessions()).toMatchObject([{ sub: 'alice' }])
  const silent = await three.browser.open(authorizationUrl({ prompt: 'none' }))
  expect(redirected(silent).has('code')).toBe(true)
  const account = await three.browser.open(`${issuer}/account`)
  const html = await account.text()
  expect(html).toContain('<dd>Acme ID</dd>')
  expect(html).not.toContain('Current password')
})

test('does not ask at the provider while its session lives', async () => {
  const three = createThree()
  await logIn(three)
  const [before] = three.server.control.sessions()
  three.provider.control.advanceClock({ seconds: 60 })
  const pressed = await press(three, authorizationUrl({ prompt: 'select_account' }))
  expect(locationOf(pressed)).toContain('prompt=select_account')
  three.server.control.endSessions()
  const answer = await three.browser.open(
    locationOf(await three.browser.open(locationOf(await press(three)))),
  )
  expect(redirected(answer).has('code')).toBe(true)
  expect(three.server.control.sessions()).toHaveLength(1)
  expect(three.server.control.sessions()[0]?.sid).not.toBe(before?.sid)
})

test('passes prompt login and max_age on to the provider', async () => {
  const three = createThree()
  const url = authorizationUrl({ prompt: 'login', max_age: '60' })
  const { searchParams } = new URL(locationOf(await press(three, url)))
  expect(searchParams.get('prompt')).toBe('login')
  expect(searchParams.get('max_age')).toBe('60')
})

test('takes over when the user authenticated at the provider, by its age', async () => {
  let now = 1_000_000_000
  const three = createThree({ server: { now: () => now }, provider: { now: () => now } })
  await logIn(three)
  now += 600_000
  three.server.control.endSessions()
  three.server.control.advanceClock({ seconds: 5000 })
  const claims = await idTokenOf(three.server, await logIn(three))
  expect(claims.iat - claims.auth_time).toBe(600)
})

test('links users by issuer and sub, never by e-mail, and brings them up to date', async () => {
  const user = { sub: '7', username: 'al', password: 'al', claims: { email: 'alice@example.com' } }
  const three = createThree({ provider: { users: [user] } })
  const first = await idTokenOf(three.server, await logIn(three, authorizationUrl(), 'al'))
  expect(first).toMatchObject({ sub: 'acme|7', email: 'alice@example.com' })
  three.provider.control.changeEmail({ user: 'al', email: 'al@new.example' })
  const again = authorizationUrl({ prompt: 'login' })
  const second = await idTokenOf(three.server, await logIn(three, again, 'al'))
  expect(second).toMatchObject({ sub: 'acme|7', email: 'al@new.example' })
  three.server.control.changeEmail({ user: 'acme|7', email: 'al@here.example' })
  const third = await idTokenOf(three.server, await logIn(three, again, 'al'))
  expect(third).toMatchObject({ sub: 'acme|7', email: 'al@here.example' })
})

test('resets the session of another user', async () => {
  const three = createThree()
  await three.browser.logIn(authorizationUrl(), 'bob')
  await logIn(three, authorizationUrl({ prompt: 'login' }))
  expect(three.server.control.sessions()).toMatchObject([{ sub: 'acme|alice' }])
})

test('asks for its own second factor after the provider, unless one was used there', async () => {
  const three = createThree({ server: { secondFactor: true } })
  const page = await logIn(three)
  expect(await page.clone().text()).toContain('One-time code')
  const answer = await three.browser.submit(page, { action: 'secondFactor', otp: '123456' })
  expect(await idTokenOf(three.server, answer)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] })
  const other = createThree({ server: { secondFactor: true } })
  const { cookie } = other.provider.control.signIn({ user: 'alice', secondFactor: true })
  other.browser.jar.set(...(cookie.split('=') as [string, string]))
  const asked = authorizationUrl({ acr_values: multiFactor })
  expect(await idTokenOf(other.server, await logIn(other, asked))).toMatchObject({
    acr: multiFactor,
  })
})

test('takes the ES256 signature of a provider', async () => {
  const three = createThree({ provider: { signingAlg: 'ES256' } })
  expect(redirected(await logIn(three)).has('code')).toBe(true)
  const forged = createThree({ provider: { signingAlg: 'ES256' } })
  forged.provider.control.addFault({ endpoint: 'token', name: 'idTokenSignature' })
  const page = await logIn(forged)
  expect(await page.text()).toContain('could not be verified')
})

test('comes back to the account page', async () => {
  const three = createThree()
  const answer = await logIn(three, `${issuer}/account`)
  expect(locationOf(answer)).toBe(`${issuer}/account`)
})
