import { expect, test } from 'vitest'
import {
  callback,
  createThree,
  locationOf,
  logIn,
  logInAtProvider,
  press,
  providerIssuer,
  type Three,
} from './federation.ts'
import { authorizationUrl, createBrowser, createServer, redirected } from './support.ts'
import { inWords } from '../support/in-words.ts'

const problemOf = async (response: Response) =>
  /role="alert"[^>]*>([^<]+)</.exec(await response.clone().text())?.[1]

/** What the login page says; the user must be able to log in there all the same. */
const expectWayOut = async ({ browser, server }: Three, page: Response, problem: string) => {
  expect(server.control.sessions()).toEqual([])
  expect(await problemOf(page)).toContain(problem)
  expect(await page.clone().text()).not.toContain('aria-invalid="true"')
  const fields = { action: 'login', username: 'bob', password: 'bob' }
  expect(redirected(await browser.submit(page, fields)).get('state')).toBe('the-state')
}

test('shows the login page again to a user who went back at the provider', async () => {
  const three = createThree()
  const page = await three.browser.open(locationOf(await press(three)))
  const cancelled = await three.browser.submit(page, { action: 'cancel' }, providerIssuer)
  const back = await three.browser.open(locationOf(cancelled))
  await expectWayOut(three, back, 'You went back at Acme ID')
})

test.each([
  ['drop', 'does not answer'],
  ['html', 'does not answer'],
  ['metadata', 'does not answer'],
] as const)(
  'stays on the login page when the discovery has the fault %s',
  async (name, problem) => {
    const three = createThree()
    if (name === 'metadata') {
      const set = { issuer: 'https://evil.example' }
      three.provider.control.addFault({ endpoint: 'discovery', name, set })
    } else {
      three.provider.control.addFault({ endpoint: 'discovery', name })
    }
    await expectWayOut(three, await press(three), problem)
  },
)

const tokenFaults = [
  [{ name: 'drop' }, 'does not answer'],
  [{ name: 'status', status: 503 }, 'does not answer'],
  [{ name: 'oauthError', error: 'invalid_grant' }, 'did not log you in'],
  [{ name: 'html' }, 'could not be verified'],
  [{ name: 'tokenResponse', remove: ['id_token'] }, 'could not be verified'],
  [{ name: 'idTokenClaims', set: { iss: 'https://evil.example' } }, 'could not be verified'],
  [{ name: 'idTokenClaims', set: { aud: 'other' } }, 'could not be verified'],
  [{ name: 'idTokenClaims', set: { aud: ['sotto', 'other'] } }, 'could not be verified'],
  [{ name: 'idTokenClaims', set: { azp: 'other' } }, 'could not be verified'],
  [{ name: 'idTokenClaims', shift: { exp: -1000 } }, 'could not be verified'],
  [{ name: 'idTokenClaims', remove: ['iat'] }, 'could not be verified'],
  [{ name: 'idTokenClaims', set: { nonce: 'other' } }, 'could not be verified'],
  [{ name: 'idTokenClaims', remove: ['nonce'] }, 'could not be verified'],
  [{ name: 'idTokenClaims', set: { sub: '' } }, 'could not be verified'],
  [{ name: 'idTokenHeader', set: { kid: 'other' } }, 'could not be verified'],
  [{ name: 'idTokenSignature' }, 'could not be verified'],
  [{ name: 'idTokenAlg', alg: 'none' }, 'could not be verified'],
  [{ name: 'idTokenAlg', alg: 'HS256' }, 'could not be verified'],
] as const

test.each(tokenFaults.map(([fault, problem]) => [inWords(fault), fault, problem] as const))(
  'logs nobody in after the token fault %s',
  async (_, fault, problem) => {
    const three = createThree()
    three.provider.control.addFault({ endpoint: 'token', ...fault } as never)
    await expectWayOut(three, await logIn(three), problem)
  },
)

test.each([
  ['of another issuer', { set: { iss: 'https://evil.example' } }, 'could not be verified'],
  ['without iss', { remove: ['iss'] }, 'could not be verified'],
  ['with an error', { set: { error: 'server_error' } }, 'did not log you in'],
  ['with another code', { set: { code: 'other' } }, 'did not log you in'],
])('logs nobody in after an answer %s', async (_, fault, problem) => {
  const three = createThree()
  three.provider.control.addFault({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    ...fault,
  })
  await expectWayOut(three, await logIn(three), problem)
})

test('leads back to the login page from an answer with another state', async () => {
  const three = createThree()
  const set = { state: 'other' }
  three.provider.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set })
  const page = await logIn(three)
  expect(page.status).toBe(400)
  expect(await problemOf(page)).toContain('no login that was begun in this browser')
  const login = await three.browser.submit(page, { action: 'back' })
  expect(await login.clone().text()).toContain('type="password"')
  expect(three.server.control.sessions()).toEqual([])
})

test('takes an answer once, and from the browser that began the login', async () => {
  const three = createThree()
  const answer = locationOf(await logInAtProvider(three, await press(three)))
  const stranger = createBrowser(three.server)
  await stranger.open(authorizationUrl())
  const stolen = await stranger.open(answer)
  expect(stolen.status).toBe(400)
  expect(three.server.control.sessions()).toEqual([])
  expect(redirected(await three.browser.open(answer)).has('code')).toBe(true)
  expect((await three.browser.open(answer)).status).toBe(400)
  expect(three.provider.control.requests({ endpoint: 'token' })).toHaveLength(1)
})

test('shows a page without a button to a browser that it has never seen', async () => {
  const { server } = createThree()
  const page = await createBrowser(server).open(`${callback}?code=x&state=y`)
  expect(page.status).toBe(400)
  expect(await page.text()).toContain('Go back to the app')
})

test('refuses two providers of one id', () => {
  const provider = { id: 'a', name: 'A', issuer: providerIssuer, clientId: 'x' }
  expect(() => createServer({ identityProviders: [provider, provider] })).toThrow('the same id')
})

test('does not send a code twice, though the first time failed', async () => {
  const three = createThree()
  three.provider.control.addFault({ endpoint: 'token', name: 'drop' })
  const answer = locationOf(await logInAtProvider(three, await press(three)))
  expect((await three.browser.open(answer)).status).toBe(200)
  expect((await three.browser.open(answer)).status).toBe(400)
  expect(three.provider.control.requests({ endpoint: 'token' })).toHaveLength(1)
})
