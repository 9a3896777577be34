import { expect, test } from 'vitest'
import {
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  postToken,
  redirected,
  redirectUri,
  readBody,
} from './support.ts'

test('logs a user in with the form and answers with code, state and iss', async () => {
  const server = createServer()
  const browser = createBrowser(server)
  const page = await browser.open(authorizationUrl())
  expect(page.status).toBe(200)
  expect(page.headers.get('x-frame-options')).toBe('DENY')
  expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors 'none'`)
  const response = await browser.submit(page, {
    action: 'login',
    username: 'alice',
    password: 'alice',
  })
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toMatch(`${redirectUri}?`)
  expect(redirected(response).get('state')).toBe('the-state')
  expect(redirected(response).get('iss')).toBe(issuer)
  expect(redirected(response).get('code')).toMatch(/^[\w-]{43}$/)
})

test('shows the login page again after a wrong password', async () => {
  const browser = createBrowser(createServer())
  const page = await browser.open(authorizationUrl())
  const again = await browser.submit(page, {
    action: 'login',
    username: 'alice',
    password: '<wrong>',
  })
  const html = await again.clone().text()
  expect(html).toContain('role="alert"')
  expect(html).toContain('value="alice"')
  expect(html).toContain('aria-invalid="true"')
  const response = await browser.submit(again, {
    action: 'login',
    username: 'alice',
    password: 'alice',
  })
  expect(redirected(response).has('code')).toBe(true)
})

test('refuses the login form of another browser', async () => {
  const server = createServer()
  const page = await createBrowser(server).open(authorizationUrl())
  const victim = createBrowser(server)
  await victim.open(authorizationUrl())
  const response = await victim.submit(page, {
    action: 'login',
    username: 'alice',
    password: 'alice',
  })
  expect(response.status).toBe(400)
  expect(server.control.sessions()).toEqual([])
})

test('refuses a login form after ten minutes', async () => {
  const server = createServer()
  const browser = createBrowser(server)
  const page = await browser.open(authorizationUrl())
  server.control.advanceClock({ seconds: 601 })
  const fields = { action: 'login', username: 'alice', password: 'alice' }
  expect((await browser.submit(page, fields)).status).toBe(400)
})

test('answers access_denied when the user cancels', async () => {
  const browser = createBrowser(createServer())
  const page = await browser.open(authorizationUrl())
  const response = await browser.submit(page, { action: 'cancel' })
  expect(redirected(response).get('error')).toBe('access_denied')
  expect(redirected(response).get('iss')).toBe(issuer)
})

test('does not ask a user who is logged in', async () => {
  const browser = createBrowser(createServer())
  await browser.logIn()
  const response = await browser.open(authorizationUrl({ prompt: 'none' }))
  expect(redirected(response).has('code')).toBe(true)
})

test('makes a new session id at every login', async () => {
  const server = createServer()
  const browser = createBrowser(server)
  await browser.logIn()
  const first = new Map(browser.jar)
  const [before] = server.control.sessions()
  await browser.logIn(authorizationUrl({ prompt: 'login' }))
  expect(browser.jar).not.toEqual(first)
  expect(server.control.sessions()).toHaveLength(1)
  expect(server.control.sessions()[0]?.sid).not.toBe(before?.sid)
})

test.each([
  ['prompt none and no session', { prompt: 'none' }],
  ['prompt none and an unknown hint', { prompt: 'none', login_hint: 'alice' }],
])('answers login_required to %s', async (_case, changes) => {
  const browser = createBrowser(createServer())
  const response = await browser.open(authorizationUrl(changes))
  expect(redirected(response).get('error')).toBe('login_required')
  expect(redirected(response).get('state')).toBe('the-state')
  expect(redirected(response).get('iss')).toBe(issuer)
})

test.each([
  ['a hint of another user', { login_hint: 'bob' }],
  ['max_age 0', { max_age: '0' }],
  ['a max_age that has passed', { max_age: '59' }],
])('asks a logged-in user again for %s', async (_case, changes) => {
  const server = createServer()
  const browser = createBrowser(server)
  await browser.logIn()
  server.control.advanceClock({ seconds: 60 })
  const silent = await browser.open(authorizationUrl({ ...changes, prompt: 'none' }))
  expect(redirected(silent).get('error')).toBe('login_required')
  expect(await (await browser.open(authorizationUrl(changes))).text()).toContain('type="password"')
})

test.each([
  ['a hint of their name', { login_hint: 'alice' }],
  ['a hint of their e-mail address', { login_hint: 'alice@example.com' }],
  ['a max_age that has not passed', { max_age: '60' }],
])('does not ask a logged-in user again for %s', async (_case, changes) => {
  const server = createServer()
  const browser = createBrowser(server)
  await browser.logIn()
  server.control.advanceClock({ seconds: 60 })
  const response = await browser.open(authorizationUrl({ ...changes, prompt: 'none' }))
  expect(redirected(response).has('code')).toBe(true)
})

test('fills the login hint in', async () => {
  const page = await createServer().fetch(authorizationUrl({ login_hint: '"><b>bob' }))
  expect(await page.text()).toContain('value="&#34;&#62;&#60;b&#62;bob"')
})

test('compares the id_token_hint with the session', async () => {
  const server = createServer()
  const bob = createBrowser(server)
  const code = redirected(await bob.logIn(authorizationUrl(), 'bob')).get('code') ?? ''
  const { id_token: hint } = await readBody(await postToken(server, { code }))
  const silent = authorizationUrl({ prompt: 'none', id_token_hint: hint })
  expect(redirected(await bob.open(silent)).has('code')).toBe(true)
  const alice = createBrowser(server)
  await alice.logIn()
  expect(redirected(await alice.open(silent)).get('error')).toBe('login_required')
  const forged = authorizationUrl({ prompt: 'none', id_token_hint: hint.slice(0, -9) })
  expect(redirected(await bob.open(forged)).get('error')).toBe('invalid_request')
})

test.each(['select_account', 'consent'])('lets a user confirm for prompt %s', async (prompt) => {
  const browser = createBrowser(createServer())
  await browser.logIn()
  const page = await browser.open(authorizationUrl({ prompt }))
  const response = await browser.submit(page, { action: 'continue' })
  expect(redirected(response).has('code')).toBe(true)
})

test('does not let a user confirm whose session is over', async () => {
  const server = createServer()
  const browser = createBrowser(server)
  await browser.logIn()
  const page = await browser.open(authorizationUrl({ prompt: 'select_account' }))
  server.control.endSessions()
  const response = await browser.submit(page, { action: 'continue' })
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('You are no longer logged in')
})

test('names the client on the login page', async () => {
  const client = { clientId: 'app', name: 'A <shop>', redirectUris: [redirectUri] }
  const page = await createServer({ clients: [client] }).fetch(authorizationUrl())
  expect(await page.text()).toContain('to continue to <b>A &#60;shop&#62;</b>')
})
