import { expect, test } from 'vitest'
import type { AuthorizationServer, AuthorizationServerOptions } from 'sotto/testing'
import {
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  parseJwt,
  postToken,
  readBody,
  redirected,
} from './support.ts'

const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

const alice = {
  sub: 'alice',
  username: 'alice',
  password: 'alice',
  secondFactor: true,
  oneTimeCode: '246810',
}
const bob = { sub: 'bob', username: 'bob', password: 'bob' }

const createStrictServer = (options: Partial<AuthorizationServerOptions> = {}) =>
  createServer({ users: [alice, bob], ...options })

type Browser = ReturnType<typeof createBrowser>

const enterCode = (browser: Browser, page: Response, otp: string) =>
  browser.submit(page, { action: 'secondFactor', otp })

const silent = async (browser: Browser, changes = {}) =>
  redirected(await browser.open(authorizationUrl({ prompt: 'none', ...changes })))

const idTokenOf = async (server: AuthorizationServer, answer: URLSearchParams) => {
  const body = await readBody(await postToken(server, { code: answer.get('code') ?? '' }))
  return parseJwt(body.id_token).claims
}

test('asks for a one-time code after the password and remembers both', async () => {
  const server = createStrictServer({ now: () => 5000 })
  const browser = createBrowser(server)
  const page = await browser.logIn()
  expect(page.status).toBe(200)
  expect(await page.clone().text()).toContain('autocomplete="one-time-code"')
  expect(await page.clone().text()).toContain('<b>246810</b>')
  expect(server.control.sessions()).toEqual([])
  const answer = redirected(await enterCode(browser, page, '246 810'))
  expect(await idTokenOf(server, answer)).toMatchObject({
    auth_time: 5,
    amr: ['pwd', 'otp', 'mfa'],
    acr: '1',
  })
  expect(server.control.sessions()).toMatchObject([
    { username: 'alice', amr: ['pwd', 'otp', 'mfa'], secondFactorAt: 5000 },
  ])
})

test('asks only users who need a second factor', async () => {
  const server = createStrictServer()
  const answer = redirected(await createBrowser(server).logIn(authorizationUrl(), 'bob'))
  expect(await idTokenOf(server, answer)).toMatchObject({ amr: ['pwd'], acr: '1' })
})

test('asks everybody where the server says so', async () => {
  const page = await createBrowser(createServer({ secondFactor: true })).logIn()
  expect(await page.text()).toContain('<b>123456</b>')
})

test('says that a code is wrong, and asks for the password again after five', async () => {
  const server = createStrictServer()
  const browser = createBrowser(server)
  let page = await browser.logIn()
  for (const left of ['4 tries are', '3 tries are', '2 tries are', 'One try is']) {
    page = await enterCode(browser, page, '000000')
    expect(await page.clone().text()).toContain(`This code is wrong. ${left} left.`)
  }
  const last = await enterCode(browser, page, '000000')
  expect(await last.clone().text()).toContain('Too many wrong codes')
  const late = await enterCode(browser, last.clone(), '246810')
  expect(await late.text()).toContain('type="password"')
  expect(server.control.sessions()).toEqual([])
  const again = { action: 'login', username: 'alice', password: 'alice' }
  const asked = await browser.submit(last, again)
  expect(redirected(await enterCode(browser, asked, '246810')).has('code')).toBe(true)
})

test('accepts no code from who has not entered the password', async () => {
  const server = createStrictServer()
  const browser = createBrowser(server)
  const page = await browser.open(authorizationUrl())
  const refused = await enterCode(browser, page, '246810')
  expect(await refused.text()).toContain('type="password"')
  expect(server.control.sessions()).toEqual([])
})

test('goes back from the code to the password', async () => {
  const browser = createBrowser(createStrictServer())
  const page = await browser.submit(await browser.logIn(), { action: 'back' })
  const fields = { action: 'login', username: 'bob', password: 'bob' }
  expect(redirected(await browser.submit(page, fields)).has('code')).toBe(true)
})

test('does not ask again at the next login while the second factor counts', async () => {
  const server = createStrictServer({ secondFactorSeconds: 100 })
  const browser = createBrowser(server)
  await enterCode(browser, await browser.logIn(), '246810')
  server.control.advanceClock({ seconds: 60 })
  const answer = redirected(await browser.logIn(authorizationUrl({ prompt: 'login' })))
  expect((await idTokenOf(server, answer))['amr']).toEqual(['pwd', 'otp', 'mfa'])
  server.control.advanceClock({ seconds: 60 })
  const page = await browser.logIn(authorizationUrl({ prompt: 'login' }))
  expect(await page.text()).toContain('One-time code')
})

test('does not count the second factor of another user', async () => {
  const server = createStrictServer({ secondFactor: true })
  const browser = createBrowser(server)
  await enterCode(browser, await browser.logIn(), '246810')
  const page = await browser.logIn(authorizationUrl({ prompt: 'login' }), 'bob')
  expect(await page.text()).toContain('One-time code')
})

test('answers interaction_required in silence once the second factor no longer counts', async () => {
  const server = createStrictServer({ secondFactorSeconds: 100 })
  const browser = createBrowser(server)
  expect((await silent(browser)).get('error')).toBe('login_required')
  await enterCode(browser, await browser.logIn(), '246810')
  expect((await silent(browser)).has('code')).toBe(true)
  server.control.setLives({ secondFactorSeconds: 10 })
  server.control.advanceClock({ seconds: 11 })
  expect((await silent(browser)).get('error')).toBe('interaction_required')
  const page = await browser.open(authorizationUrl())
  expect(await page.clone().text()).not.toContain('type="password"')
  expect(redirected(await enterCode(browser, page, '246810')).has('code')).toBe(true)
  expect((await silent(browser)).has('code')).toBe(true)
})

test('asks a logged-in user for a code when the request is for a multi-factor login', async () => {
  const server = createStrictServer({ now: () => 5000 })
  const browser = createBrowser(server)
  await browser.logIn(authorizationUrl(), 'bob')
  const [before] = server.control.sessions()
  const asked = { acr_values: `${multiFactor} 1` }
  expect((await silent(browser, asked)).get('error')).toBe('interaction_required')
  expect((await silent(browser, { acr_values: `1 ${multiFactor}` })).has('code')).toBe(true)
  const cookies = new Map(browser.jar)
  server.control.advanceClock({ seconds: 10 })
  const page = await browser.open(authorizationUrl(asked))
  const answer = redirected(await enterCode(browser, page, '123456'))
  const claims = await idTokenOf(server, answer)
  expect(claims).toMatchObject({ acr: multiFactor, amr: ['pwd', 'otp', 'mfa'], auth_time: 15 })
  expect(browser.jar).not.toEqual(cookies)
  expect(server.control.sessions()).toMatchObject([{ sid: before?.sid, createdAt: 5000 }])
  expect(await idTokenOf(server, await silent(browser, asked))).toMatchObject({ acr: multiFactor })
  expect(await idTokenOf(server, await silent(browser))).toMatchObject({ acr: '1' })
})

test('does not raise a session that has ended meanwhile', async () => {
  const server = createStrictServer()
  const browser = createBrowser(server)
  await browser.logIn(authorizationUrl(), 'bob')
  const page = await browser.open(authorizationUrl({ acr_values: multiFactor }))
  server.control.endSessions()
  const response = await enterCode(browser, page, '123456')
  expect(await response.text()).toContain('You are no longer logged in')
  expect(server.control.sessions()).toEqual([])
})

test('asks for the code after a confirmation too', async () => {
  const server = createStrictServer()
  const browser = createBrowser(server)
  await browser.logIn(authorizationUrl(), 'bob')
  const url = authorizationUrl({ acr_values: multiFactor, prompt: 'select_account' })
  const page = await browser.submit(await browser.open(url), { action: 'continue' })
  expect(redirected(await enterCode(browser, page, '123456')).has('code')).toBe(true)
})

test('names the multi-factor acr in its metadata', async () => {
  const url = `${issuer}/.well-known/openid-configuration`
  const metadata: unknown = await (
    await createServer({ multiFactorAcrValues: ['gold'] }).fetch(url)
  ).json()
  expect(metadata).toMatchObject({ acr_values_supported: ['1', '2', 'gold'] })
})

test('signs in with the second factor that the user needs, or as told', () => {
  const { control } = createStrictServer()
  control.signIn({ user: 'alice' })
  control.signIn({ user: 'bob' })
  control.signIn({ user: 'alice', secondFactor: false })
  control.signIn({ user: 'bob', secondFactor: true })
  const used = control.sessions().map(({ amr }) => amr.includes('mfa'))
  expect(used).toEqual([true, false, false, true])
})

test('does not record one-time codes', async () => {
  const server = createStrictServer()
  const browser = createBrowser(server)
  await enterCode(browser, await browser.logIn(), '246810')
  expect(JSON.stringify(server.control.requests())).not.toContain('246810')
})

test('shows its name and its color, and accepts nothing else as a color', async () => {
  const page = await createServer({ name: 'A & <B>', accent: '#00695c' }).fetch(authorizationUrl())
  const html = await page.text()
  expect(html).toContain('A &#38; &#60;B&#62;')
  expect(html).toContain('--accent: #00695c')
  expect(() => createServer({ accent: 'red}</style>' })).toThrow('accent must be a color')
})
