import { expect, test } from 'vitest'
import type { Fault, WebMessageVariant } from 'sotto/testing'
import {
  anyString,
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  plannedMessages,
  redirected,
} from './support.ts'

const loggedIn = async (...faults: readonly Fault[]) => {
  const server = createServer()
  const browser = createBrowser(server)
  await browser.logIn()
  for (const fault of faults) server.control.addFault(fault)
  return browser
}

const silentUrl = authorizationUrl({ prompt: 'none', response_mode: 'web_message' })
const inFrame = { headers: { 'sec-fetch-dest': 'iframe' } }

test('overrides parameters of the response', async () => {
  const browser = await loggedIn({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    set: { iss: 'https://evil.example', error: 'server_error' },
    remove: ['code', 'state'],
  })
  const response = redirected(await browser.open(authorizationUrl()))
  expect([...response]).toEqual([
    ['iss', 'https://evil.example'],
    ['error', 'server_error'],
  ])
})

test('sends parameters twice', async () => {
  const duplicate = ['code', 'state']
  const browser = await loggedIn({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    duplicate,
  })
  const response = redirected(await browser.open(authorizationUrl()))
  expect([...response.keys()]).toEqual(['code', 'state', 'iss', 'code', 'state'])
})

test('overrides the response in a message with any value', async () => {
  const browser = await loggedIn({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    set: { state: ['the-state'] },
  })
  const { messages } = await plannedMessages(await browser.open(silentUrl))
  expect(messages[0].response.state).toEqual(['the-state'])
})

test('ignores the response mode', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'responseModeIgnored' })
  expect(redirected(await browser.open(silentUrl)).has('code')).toBe(true)
})

test('redirects by script', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'scriptedRedirect' })
  const response = await browser.open(authorizationUrl({ prompt: 'none' }))
  expect(response.status).toBe(200)
  const { navigateTo, messages } = await plannedMessages(response)
  expect(new URL(navigateTo ?? '').searchParams.has('code')).toBe(true)
  expect(messages).toEqual([])
})

test('ignores prompt none', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'promptNoneIgnored' })
  const response = await browser.open(silentUrl)
  expect(await response.text()).toContain('type="password"')
  expect(response.headers.get('x-frame-options')).toBe('DENY')
})

test('shows a page that can be framed and posts nothing', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'interactivePage' })
  const response = await browser.open(silentUrl)
  expect(response.status).toBe(200)
  expect(response.headers.has('x-frame-options')).toBe(false)
  expect(response.headers.get('content-security-policy')).not.toContain('frame-ancestors')
  expect(await response.text()).not.toContain('postMessage')
})

test('does not see the session in a frame', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'noSession' })
  const framed = await plannedMessages(await browser.open(silentUrl, inFrame))
  expect(framed.messages[0].response.error).toBe('login_required')
  const topLevel = await plannedMessages(await browser.open(silentUrl))
  expect(topLevel.messages[0].response).toHaveProperty('code')
})

test('refuses a silent request without an ID token as its hint', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'hintRequired' })
  const { messages } = await plannedMessages(await browser.open(silentUrl))
  expect(messages[0].response.error).toBe('invalid_request')
})

test('refuses to be framed', async () => {
  const browser = await loggedIn(
    { endpoint: 'authorize', name: 'xFrameOptions', times: 1 },
    { endpoint: 'authorize', name: 'frameAncestors', value: 'https://other.example', times: 1 },
  )
  const { headers } = await browser.open(silentUrl)
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('content-security-policy')).toContain('frame-ancestors https://other.example')
  expect((await browser.open(silentUrl)).headers.has('x-frame-options')).toBe(false)
})

test('posts its messages from a page of another status', async () => {
  const browser = await loggedIn({ endpoint: 'authorize', name: 'webMessageStatus', status: 400 })
  const response = await browser.open(silentUrl)
  expect(response.status).toBe(400)
  expect((await plannedMessages(response)).messages).toHaveLength(1)
})

const code = anyString
const state = 'the-state'
const standard = { type: 'authorization_response', response: { code, state, iss: issuer } }

const variants: readonly (readonly [WebMessageVariant, object, object])[] = [
  ['flat', {}, { messages: [{ code, state }] }],
  ['flatWithType', {}, { messages: [{ type: 'authorization_response', code, state }] }],
  [
    'wrongState',
    {},
    { messages: [{ ...standard, response: { ...standard.response, state: 'not-the-state' } }] },
  ],
  ['relayRequest', {}, { messages: [{ type: 'relay_request' }] }],
  ['twice', {}, { messages: [standard, standard] }],
  ['late', { ms: 1234 }, { messages: [standard], delayMs: 1234 }],
  ['none', {}, { messages: [] }],
  ['navigate', { location: 'https://x.example/' }, { navigateTo: 'https://x.example/' }],
]

test.each(variants)('posts the variant %s', async (variant, parameters, expected) => {
  const fault = { endpoint: 'authorize', name: 'webMessage', variant, ...parameters } as const
  const browser = await loggedIn(fault)
  const plan = await plannedMessages(await browser.open(silentUrl))
  expect(plan).toMatchObject({ targetOrigin: 'http://localhost:3000', ...expected })
})

test('posts garbage before the message', async () => {
  const fault: Fault = { endpoint: 'authorize', name: 'webMessage', variant: 'garbageFirst' }
  const browser = await loggedIn(fault)
  const { messages } = await plannedMessages(await browser.open(silentUrl))
  expect(messages.length).toBeGreaterThan(3)
  expect(messages.at(-1)).toEqual(standard)
})

test('combines variants in the order in which they were added', async () => {
  const fault = { endpoint: 'authorize', name: 'webMessage' } as const
  const browser = await loggedIn(
    { ...fault, variant: 'flat' },
    { ...fault, variant: 'twice' },
    { ...fault, variant: 'late', ms: 5 },
  )
  const { messages, delayMs } = await plannedMessages(await browser.open(silentUrl))
  expect(messages).toEqual([
    { code, state },
    { code, state },
  ])
  expect(delayMs).toBe(5)
})
