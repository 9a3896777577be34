// @vitest-environment happy-dom
// The server's page that says whether its session has changed. e2e/session-frame.spec.ts has a real
// one; here its words are written by hand.
import { sessionMonitor } from 'sotto'
import type { AuthorizationServerOptions } from 'sotto/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)
// happy-dom says that it loads no frame.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => document.body.replaceChildren())

const POLL_MS = 3000

/** A user who is signed in, and a session that is watched. */
async function watch(options: Partial<AuthorizationServerOptions> = { checkSessionFrame: true }) {
  const renewal = createRenewal()
  const strategy = Object.assign(renewal.strategy, { label: 'silent_iframe' })
  const server = createServer(options)
  const client = createClient({ renewal: [strategy] }, { server })
  await client.logIn()
  const stop = sessionMonitor(client.auth)
  return { ...client, renewal, stop }
}

const findFrame = (): HTMLIFrameElement | null => document.querySelector('iframe')

/** The frame, loaded; and what it is asked. */
async function openFrame() {
  await passTime(POLL_MS)
  const frame = findFrame()!
  const post = vi.fn<(message: string, origin: string) => void>()
  const window = { postMessage: post }
  Object.defineProperty(frame, 'contentWindow', { value: window })
  frame.dispatchEvent(new Event('load'))
  const say = async (
    data: unknown,
    { source = window, origin = issuer }: { source?: object | null; origin?: string } = {},
  ): Promise<void> => {
    const event = new MessageEvent('message', { data, origin })
    Object.defineProperty(event, 'source', { value: source })
    dispatchEvent(event)
    await passTime(0)
  }
  return { frame, post, say }
}

// covers spec:session-frame
test('asks with the client ID and the session state, for the origin of the page alone', async () => {
  const { renewal } = await watch()
  expect(findFrame()).toBeNull()
  const { frame, post, say } = await openFrame()
  expect(frame.src).toBe(`${issuer}/check-session`)
  const [message = '', origin] = post.mock.calls[0] ?? []
  expect([message.split(' ')[0], origin]).toEqual([clientId, new URL(issuer).origin])
  expect(decodeURIComponent(message.split(' ')[1] ?? '')).toContain(`"${location.origin}"`)
  await say('unchanged')
  await passTime(2 * POLL_MS)
  expect(post).toHaveBeenCalledTimes(3)
  expect(renewal.requests).toEqual([])
})

// covers spec:session-frame
test('asks the server once after a change, and ends the session by its word', async () => {
  const { auth, renewal } = await watch()
  const { post, say } = await openFrame()
  await say('unchanged')
  renewal.answers.push(loginRequired())
  await say('changed')
  expect(renewal.requests).toHaveLength(1)
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  await passTime(3 * POLL_MS)
  expect(post).toHaveBeenCalledTimes(1)
})

test('a change without a new session state is asked about once', async () => {
  const { auth, renewal } = await watch()
  const { post, say } = await openFrame()
  await say('unchanged')
  await say('changed')
  await passTime(5 * POLL_MS)
  expect(auth.getSnapshot().status).toBe('authenticated')
  expect([renewal.requests.length, post.mock.calls.length]).toEqual([1, 1])
})

// covers fault:session-frame-without-cookies
test.each(['changed', 'error', 'unknown', null])(
  '%j at first ends the frame, and the session goes on',
  async (word) => {
    const { auth, renewal } = await watch()
    const { say } = await openFrame()
    await say(word)
    expect(findFrame()).toBeNull()
    await passTime(3 * POLL_MS)
    expect([findFrame(), renewal.requests]).toEqual([null, []])
    expect(auth.getSnapshot().status).toBe('authenticated')
  },
)

// OpenID Connect Session Management, section 3.1: after an error no silent request is made.
test.each(['error', 'unknown', null])(
  '%s after unchanged asks nothing, and ends it',
  async (data) => {
    const { renewal } = await watch()
    const { say } = await openFrame()
    await say('unchanged')
    await say(data)
    expect(renewal.requests).toEqual([])
    expect(findFrame()).toBeNull()
  },
)

// covers fault:session-frame-forged
test.each([
  ['window', { source: {} }],
  ['window that is gone', { source: null }],
  ['origin', { origin: 'https://evil.example' }],
])('what comes from another %s is not heard', async (_, from) => {
  const { renewal } = await watch()
  const { say } = await openFrame()
  await say('unchanged')
  await say('changed', from)
  await say('error', from)
  expect([renewal.requests, findFrame()]).toEqual([[], expect.anything()])
})

test('loads the frame again where the app has replaced the body', async () => {
  await watch()
  const first = await openFrame()
  await first.say('unchanged')
  document.body.replaceChildren()
  const { frame, post, say } = await openFrame()
  expect(frame).not.toBe(first.frame)
  await say('unchanged')
  await passTime(POLL_MS)
  expect([first.post.mock.calls.length, post.mock.calls.length]).toEqual([1, 2])
})

test('asks nothing in a hidden tab, for nobody, and after its end', async () => {
  const { auth, stop } = await watch()
  const { post, say } = await openFrame()
  await say('unchanged')
  const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(2 * POLL_MS)
  expect(post).toHaveBeenCalledTimes(1)
  hidden.mockRestore()
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(POLL_MS)
  expect(post).toHaveBeenCalledTimes(2)
  await auth.logout({ localOnly: true })
  await passTime(2 * POLL_MS)
  expect(post).toHaveBeenCalledTimes(2)
  stop()
  expect([findFrame(), vi.getTimerCount()]).toEqual([null, 0])
})

test.each([
  ['the server names no session', {}],
  ['the metadata has no such page', { faults: { remove: ['check_session_iframe'] } }],
  [
    'its address is no https URL',
    { faults: { set: { check_session_iframe: 'http://a.example/' } } },
  ],
])('loads no frame where %s', async (_, { faults }: { readonly faults?: object }) => {
  const server = createServer({ checkSessionFrame: faults !== undefined })
  if (faults) server.control.addFault({ endpoint: 'discovery', name: 'metadata', ...faults })
  const client = createClient({}, { server })
  await client.logIn()
  sessionMonitor(client.auth)
  await passTime(3 * POLL_MS)
  expect(findFrame()).toBeNull()
})

test('loads no frame where it ended before the metadata came', async () => {
  const server = createServer({ checkSessionFrame: true })
  const client = createClient({}, { server })
  const stop = sessionMonitor(client.auth)
  stop()
  await client.logIn()
  await passTime(3 * POLL_MS)
  expect([findFrame(), vi.getTimerCount()]).toEqual([null, 0])
})
