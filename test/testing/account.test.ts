import { expect, test } from 'vitest'
import type { AuthorizationServerOptions } from 'sotto/testing'
import {
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  parseJwt,
  postRefresh,
  postToken,
  readBody,
  redirected,
} from './support.ts'

const url = `${issuer}/account`

type Browser = ReturnType<typeof createBrowser>

const signedIn = async (options: Partial<AuthorizationServerOptions> = {}) => {
  const server = createServer(options)
  const browser = createBrowser(server)
  await browser.logIn()
  return { server, browser, page: await browser.open(url) }
}

const formToken = async (page: Response) =>
  /name="form_token" value="([^"]+)"/.exec(await page.clone().text())?.[1] ?? ''

const send = async (browser: Browser, page: Response, fields: Readonly<Record<string, string>>) =>
  browser.open(url, {
    method: 'POST',
    body: new URLSearchParams({ form_token: await formToken(page), ...fields }),
  })

const changes = {
  password: { change: 'password', password: 'alice', new_password: 'new' },
  email: { change: 'email', email: 'a@new.example' },
  phone: { change: 'phone', phone: '+44 20 7946 0000' },
}

const silentError = async (browser: Browser) =>
  redirected(await browser.open(authorizationUrl({ prompt: 'none' }))).get('error')

test('shows who is logged in, since when and how', async () => {
  const { page } = await signedIn({ now: () => Date.UTC(2026, 4, 6, 7, 8) })
  const html = await page.text()
  expect(page.headers.get('x-frame-options')).toBe('DENY')
  for (const text of ['Alice Liddell', '6 May 2026, 07:08 UTC', '<dd>Password</dd>', 'Not used']) {
    expect(html).toContain(text)
  }
})

test('asks for a login first, and comes back to the account', async () => {
  const browser = createBrowser(createServer())
  const login = await browser.open(url)
  expect(await login.clone().text()).toContain('to see your account')
  const fields = { action: 'login', username: 'alice', password: 'alice' }
  const response = await browser.submit(login, fields)
  expect(response.headers.get('location')).toBe(url)
  expect(await (await browser.open(url)).text()).toContain('Alice Liddell')
})

test('asks for the second factor before it shows anything', async () => {
  const server = createServer({ secondFactor: true })
  const browser = createBrowser(server)
  const { cookie } = server.control.signIn({ user: 'alice', secondFactor: false })
  browser.jar.set(...(cookie.split('=') as [string, string]))
  const page = await browser.open(url)
  expect(await page.clone().text()).not.toContain('form_token')
  const response = await browser.submit(page, { action: 'secondFactor', otp: '123456' })
  expect(response.headers.get('location')).toBe(url)
  expect(await (await browser.open(url)).text()).toContain('Password and one-time code')
})

test.each(Object.entries(changes))(
  'ends every session and refresh token of the user with a change of the %s',
  async (_name, fields) => {
    const { server, browser, page } = await signedIn()
    const other = createBrowser(server)
    const scope = 'openid offline_access'
    const code = redirected(await other.logIn(authorizationUrl({ scope }))).get('code') ?? ''
    const { refresh_token: refreshToken } = await readBody(await postToken(server, { code }))
    const unused = redirected(await other.open(authorizationUrl({ prompt: 'none' }))).get('code')
    const bob = createBrowser(server)
    await bob.logIn(authorizationUrl(), 'bob')
    const response = await send(browser, page, fields)
    expect(await response.text()).toContain('2 sessions have ended')
    expect(await silentError(browser)).toBe('login_required')
    expect(await silentError(other)).toBe('login_required')
    expect((await postRefresh(server, refreshToken)).status).toBe(400)
    expect((await postToken(server, { code: unused ?? '' })).status).toBe(400)
    expect(await silentError(bob)).toBeNull()
  },
)

test('logs in with the new password only', async () => {
  const { browser, page } = await signedIn()
  await send(browser, page, changes.password)
  const again = await browser.logIn()
  expect(again.status).toBe(200)
  const fields = { action: 'login', username: 'alice', password: 'new' }
  expect(redirected(await browser.submit(again, fields)).has('code')).toBe(true)
})

test('puts a new e-mail and phone into the ID token, unverified, where the scope allows', async () => {
  const { server, browser, page } = await signedIn()
  await send(browser, page, changes.email)
  server.control.changePhone({ user: 'alice', phone: '+1 555 0100' })
  const claims = async (scope: string) => {
    const asked = authorizationUrl({ scope, prompt: 'login' })
    const code = redirected(await browser.logIn(asked)).get('code') ?? ''
    return parseJwt((await readBody(await postToken(server, { code }))).id_token).claims
  }
  expect(await claims('openid email phone')).toMatchObject({
    email: 'a@new.example',
    email_verified: false,
    phone_number: '+1 555 0100',
    phone_number_verified: false,
  })
  expect(await claims('openid profile')).not.toHaveProperty('phone_number')
})

test.each(['', 'the-token'])('changes nothing with the form token "%s"', async (token) => {
  const { server, browser, page } = await signedIn()
  const fields = { ...changes.email, form_token: token }
  expect((await send(browser, page, fields)).status).toBe(403)
  expect(server.control.sessions()).toHaveLength(1)
  expect(await (await browser.open(url)).text()).toContain('alice@example.com')
})

test('does not accept the form of another session', async () => {
  const { server, page } = await signedIn()
  const bob = createBrowser(server)
  await bob.logIn(authorizationUrl(), 'bob')
  expect((await send(bob, page, changes.email)).status).toBe(403)
})

test.each([
  ['a wrong password', { ...changes.password, password: 'wrong' }, 'This is not your password'],
  ['an empty new password', { ...changes.password, new_password: '' }, 'The new password is empty'],
  [
    'what is no e-mail address',
    { change: 'email', email: 'nobody' },
    'This is not an e-mail address',
  ],
  ['what is no phone number', { change: 'phone', phone: 'call me' }, 'This is not a phone number'],
  ['a change that there is not', { change: 'sub', sub: 'bob' }, 'There is no such change'],
])('refuses %s and says why', async (_case, fields, problem) => {
  const { server, browser, page } = await signedIn()
  const response = await send(browser, page, fields)
  expect(response.status).toBe(400)
  expect(await response.text()).toContain(problem)
  expect(server.control.sessions()).toHaveLength(1)
})

test('logs out at the account page', async () => {
  const { server, browser, page } = await signedIn()
  const response = await send(browser, page, { change: 'logout' })
  expect(response.headers.get('set-cookie')).toContain('Max-Age=0')
  expect(server.control.sessions()).toEqual([])
})

test('changes an account without a browser, and says how many sessions ended', async () => {
  const { server, browser } = await signedIn()
  const { control } = server
  expect(control.changePassword({ user: 'alice', password: 'new' })).toBe(1)
  expect(await silentError(browser)).toBe('login_required')
  expect(control.changeEmail({ user: 'alice', email: 'a@new.example' })).toBe(0)
  expect(() => control.changePassword({ user: 'carol', password: 'x' })).toThrow('no user "carol"')
  control.reset()
  expect(redirected(await browser.logIn()).has('code')).toBe(true)
})

test('does not record what is typed into the account page', async () => {
  const { server, browser, page } = await signedIn()
  await send(browser, page, { ...changes.password, new_password: 'very-secret' })
  const [, seen] = server.control.requests({ endpoint: 'account' })
  expect(seen?.parameters['change']).toBe('password')
  expect(JSON.stringify(seen)).not.toMatch(`very-secret|${await formToken(page)}`)
})

test('shows the account below the path of the issuer', async () => {
  const server = createServer({ issuer: `${issuer}/tenant` })
  const browser = createBrowser(server)
  const login = await browser.open(`${server.issuer}/account`)
  const fields = { action: 'login', username: 'alice', password: 'alice' }
  const response = await browser.submit(login, fields)
  expect(response.headers.get('location')).toBe(`${issuer}/tenant/account`)
  const page = await browser.open(`${server.issuer}/account`)
  expect(await page.text()).toContain('action="/tenant/account"')
})
