import { expect, test } from 'vitest'
import {
  anyString,
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  plannedMessages,
  redirected,
  redirectUri,
} from './support.ts'

test.each([
  ['an unknown client', { client_id: 'other' }],
  ['no client', { client_id: undefined }],
  ['an unknown redirect URI', { redirect_uri: `${redirectUri}/` }],
  ['a redirect URI with another port', { redirect_uri: 'http://localhost:3001/callback' }],
])('shows an error page and does not redirect for %s', async (_case, changes) => {
  const response = await createServer().fetch(authorizationUrl(changes))
  expect(response.status).toBe(400)
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(response.headers.has('location')).toBe(false)
})

test.each([
  ['invalid_request', 'no response type', { response_type: undefined }],
  ['unsupported_response_type', 'the response type token', { response_type: 'token' }],
  ['invalid_request', 'no code challenge', { code_challenge: undefined }],
  ['invalid_request', 'a code challenge that is too short', { code_challenge: 'short' }],
  ['invalid_request', 'no code challenge method', { code_challenge_method: undefined }],
  ['invalid_request', 'the code challenge method plain', { code_challenge_method: 'plain' }],
  ['invalid_scope', 'no scope', { scope: undefined }],
  ['invalid_request', 'the prompt none beside another', { prompt: 'none login' }],
  ['invalid_request', 'an unknown prompt', { prompt: 'nobody' }],
  ['invalid_request', 'a negative max_age', { max_age: '-1' }],
  ['invalid_request', 'the response mode form_post', { response_mode: 'form_post' }],
  ['request_not_supported', 'a request object', { request: 'e30.e30.' }],
  ['request_uri_not_supported', 'a request URI', { request_uri: 'urn:x' }],
  ['invalid_target', 'a resource that is no URI', { resource: 'api' }],
])('answers %s to %s', async (error, _case, changes) => {
  const response = await createServer().fetch(authorizationUrl(changes))
  expect(redirected(response).get('error')).toBe(error)
  expect(redirected(response).get('state')).toBe('the-state')
  expect(redirected(response).get('iss')).toBe(issuer)
})

test('refuses repeated parameters, and does not believe a repeated state', async () => {
  const server = createServer()
  const scope = await server.fetch(`${authorizationUrl()}&scope=openid`)
  expect(redirected(scope).get('error')).toBe('invalid_request')
  const state = await server.fetch(`${authorizationUrl()}&state=another`)
  expect(redirected(state).get('error')).toBe('invalid_request')
  expect(redirected(state).has('state')).toBe(false)
  expect((await server.fetch(`${authorizationUrl()}&client_id=app`)).status).toBe(400)
})

test('answers in the fragment when asked', async () => {
  const browser = createBrowser(createServer())
  const response = await browser.logIn(authorizationUrl({ response_mode: 'fragment' }))
  const { search, hash } = new URL(response.headers.get('location') ?? '')
  expect(search).toBe('')
  expect(new URLSearchParams(hash.slice(1)).get('state')).toBe('the-state')
})

test('keeps the query of the redirect URI as it is', async () => {
  const uri = 'http://localhost:3000/cb?x=%7e'
  const server = createServer({ clients: [{ clientId: 'app', redirectUris: [uri] }] })
  const response = await createBrowser(server).logIn(authorizationUrl({ redirect_uri: uri }))
  expect(response.headers.get('location')).toMatch(`${uri}&code=`)
})

test('posts the response to the origin of the redirect URI in the web_message mode', async () => {
  const browser = createBrowser(createServer())
  const url = authorizationUrl({ prompt: 'none', response_mode: 'web_message' })
  const failed = await browser.open(url)
  expect(failed.status).toBe(200)
  const { messages, targetOrigin } = await plannedMessages(failed)
  expect(targetOrigin).toBe('http://localhost:3000')
  expect(messages).toEqual([
    {
      type: 'authorization_response',
      response: {
        error: 'login_required',
        error_description: anyString,
        state: 'the-state',
        iss: issuer,
      },
    },
  ])
  await browser.logIn()
  const page = await browser.open(url)
  expect(page.status).toBe(200)
  expect(page.headers.get('x-frame-options')).toBeNull()
  expect(page.headers.get('content-security-policy')).toMatch(/script-src 'nonce-/)
  expect(page.headers.get('content-security-policy')).not.toContain('frame-ancestors')
  const success = await plannedMessages(page)
  expect(success.messages[0].response).toEqual({
    code: anyString,
    state: 'the-state',
    iss: issuer,
  })
})

test('escapes the state in the web_message page', async () => {
  const state = '</script><script>alert(1)</script><!--\u2028'
  const url = authorizationUrl({ prompt: 'none', response_mode: 'web_message', state })
  const page = await createServer().fetch(url)
  expect((await page.clone().text()).match(/<\/?script/g)).toHaveLength(2)
  expect((await plannedMessages(page)).messages[0].response.state).toBe(state)
})

test('posts a flat message in the okta_post_message mode, where it is offered', async () => {
  const server = createServer({ responseModes: ['query', 'okta_post_message'] })
  const url = authorizationUrl({ prompt: 'none', response_mode: 'okta_post_message' })
  const { messages } = await plannedMessages(await server.fetch(url))
  expect(messages).toEqual([
    { error: 'login_required', error_description: anyString, state: 'the-state' },
  ])
  const refused = await createServer().fetch(url)
  expect(redirected(refused).get('error')).toBe('invalid_request')
})

test('sets cookies that reach a frame on another site over https only', async () => {
  const page = await createServer().fetch(authorizationUrl())
  expect(page.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/)
  const https = createServer({ issuer: 'https://idp.localhost/tenant' })
  const url = authorizationUrl({}, 'https://idp.localhost/tenant')
  const cookie = (await https.fetch(url)).headers.get('set-cookie')
  expect(cookie).toMatch(/; Path=\/tenant; HttpOnly; SameSite=None; Secure$/)
})

test('has no CORS on the authorization endpoint and takes GET only', async () => {
  const headers = { origin: 'http://localhost:3000' }
  const server = createServer()
  const response = await server.fetch(authorizationUrl(), { headers })
  expect(response.headers.has('access-control-allow-origin')).toBe(false)
  expect((await server.fetch(authorizationUrl(), { method: 'OPTIONS', headers })).status).toBe(405)
  expect((await server.fetch(authorizationUrl(), { method: 'POST' })).status).toBe(405)
})
