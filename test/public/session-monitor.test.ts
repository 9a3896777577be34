// @vitest-environment happy-dom
import { AuthError, sessionMonitor, type SessionMonitorOptions } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, preparePage, reload, type TestClient } from '../support/flow-client.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'

beforeEach(preparePage)

const MINUTE_MS = 60_000

/** A user who is signed in, and a frame that answers by script. */
async function createMonitored(options: SessionMonitorOptions = {}) {
  const renewal = createRenewal()
  const frame = Object.assign(renewal.strategy, { label: 'silent_iframe' })
  const refresh = createRenewal()
  const client = createClient({ renewal: [refresh.strategy, frame] })
  await client.logIn()
  const stop = sessionMonitor(client.auth, options)
  return { ...client, frame: renewal, refresh, stop }
}

async function comeBack(type = 'focus'): Promise<void> {
  const from = type === 'visibilitychange' ? document : window
  from.dispatchEvent(new Event(type))
  await vi.advanceTimersByTimeAsync(0)
}

const statusOf = ({ auth }: Pick<TestClient, 'auth'>) => auth.getSnapshot().status

// covers spec:session-monitor
test.each(['focus', 'visibilitychange', 'pageshow'])(
  'asks the server at a %s, by the frame alone, and stays signed in',
  async (type) => {
    const client = await createMonitored()
    const before = await client.auth.getTokenSilently()
    await comeBack(type)
    expect([client.frame.requests.length, client.refresh.requests.length]).toEqual([1, 0])
    expect(statusOf(client)).toBe('authenticated')
    expect(await client.auth.getTokenSilently()).not.toBe(before)
  },
)

// covers spec:session-monitor
test('logs out here, in all tabs, where the session at the server is over', async () => {
  const client = await createMonitored()
  client.frame.answers.push(loginRequired())
  await comeBack()
  expect(client.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  // Not at the server, whose session is over.
  expect(client.visits).toHaveLength(1)
  const other = createClient({}, { server: client.server })
  expect(await other.auth.start()).toMatchObject({ reason: 'logged_out' })
})

test('leaves the end to the app where it wants it', async () => {
  const onEnded = vi.fn()
  const client = await createMonitored({ onEnded })
  client.frame.answers.push(loginRequired())
  await comeBack()
  expect(onEnded).toHaveBeenCalledTimes(1)
  expect(statusOf(client)).toBe('authenticated')
})

test('what onEnded throws is a warning', async () => {
  const client = await createMonitored({ onEnded: () => Promise.reject(new Error('mine')) })
  client.frame.answers.push(loginRequired())
  await comeBack()
  expect(client.warnings.at(-1)).toEqual({ code: 'server_error', reason: 'sessionMonitor' })
})

// covers fault:session-monitor-no-answer
test.each([
  new AuthError('network_error'),
  new AuthError('silent_timeout'),
  new AuthError('silent_blocked'),
  new AuthError('server_error'),
  new AuthError('interaction_required', { oauthError: 'interaction_required' }),
  // Not the server's own word.
  new AuthError('login_required'),
  new AuthError('login_required', {
    oauthError: 'login_required',
    reason: 'cookies_blocked_suspected',
  }),
])('%s ends nothing', async (error) => {
  const client = await createMonitored()
  client.frame.answers.push(error)
  await comeBack()
  expect(client.frame.requests).toHaveLength(1)
  expect(statusOf(client)).toBe('authenticated')
  expect(client.warnings).toEqual([])
})

test('another user at the server ends the session', async () => {
  const client = await createMonitored()
  client.frame.answers.push({ claims: { sub: 'bob' } })
  await comeBack()
  expect(statusOf(client)).toBe('anonymous')
})

// covers fault:session-monitor-flapping
test('asks once in an interval, over all tabs and a reload', async () => {
  const client = await createMonitored({ intervalSeconds: 120 })
  await comeBack()
  await comeBack('visibilitychange')
  expect(client.frame.requests).toHaveLength(1)
  client.stop()
  const { frame, server } = client
  const next = createClient({ renewal: [frame.strategy] }, { server })
  await next.logIn()
  sessionMonitor(next.auth, { intervalSeconds: 120 })
  await comeBack()
  expect(frame.requests).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
  await comeBack()
  expect(frame.requests).toHaveLength(2)
})

test('a clock that was set back holds up nothing', async () => {
  const client = await createMonitored()
  await comeBack()
  vi.setSystemTime(Date.now() - 60 * MINUTE_MS)
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS)
  await comeBack()
  expect(client.frame.requests).toHaveLength(2)
})

test('asks no more often where localStorage is blocked', async () => {
  const client = await createMonitored()
  vi.stubGlobal('localStorage', undefined)
  await comeBack()
  await comeBack()
  vi.unstubAllGlobals()
  expect(client.frame.requests).toHaveLength(1)
})

test('asks nothing where cookies were seen to be blocked', async () => {
  const client = await createMonitored()
  localStorage.setItem(`sotto:cookies ${issuer} ${clientId}`, 'confirmed')
  await comeBack()
  expect(client.frame.requests).toEqual([])
})

test('what every object has makes no frame of a strategy, and is no option', async () => {
  const client = await createMonitored()
  const userInfo = vi.fn()
  await withPollution({ label: 'silent_iframe', userInfo }, () => comeBack())
  expect([client.frame.requests.length, client.refresh.requests.length]).toEqual([1, 0])
  expect(userInfo).not.toHaveBeenCalled()
})

test('a strategy that is broken is a warning', async () => {
  const client = await createMonitored()
  client.frame.answers.push({
    get claims(): never {
      throw new Error('broken')
    },
  })
  await comeBack()
  expect(client.warnings).toEqual([{ code: 'config_invalid', reason: 'sessionMonitor' }])
})

test('a question that is under way when it ends is forgotten', async () => {
  const onEnded = vi.fn()
  const client = await createMonitored({ onEnded })
  const release = client.frame.hold()
  client.frame.answers.push(loginRequired())
  await comeBack()
  client.stop()
  release()
  await vi.advanceTimersByTimeAsync(0)
  expect([onEnded.mock.calls, client.warnings]).toEqual([[], []])
})

test('asks nothing for nobody, in a hidden tab, after its end, and after dispose', async () => {
  const client = await createMonitored()
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  await comeBack()
  vi.restoreAllMocks()
  client.stop()
  await comeBack()
  sessionMonitor(client.auth)
  await client.auth.logout({ localOnly: true })
  await comeBack()
  client.auth.dispose()
  await comeBack()
  expect(client.frame.requests).toEqual([])
})

test('a logout that comes while the server is asked is the last word', async () => {
  const onEnded = vi.fn()
  const client = await createMonitored({ onEnded })
  const release = client.frame.hold()
  client.frame.answers.push(loginRequired())
  await comeBack()
  await client.auth.logout({ localOnly: true })
  release()
  await vi.advanceTimersByTimeAsync(0)
  expect(onEnded).not.toHaveBeenCalled()
})

/** The channel is a real one. */
async function deliverMessages(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What the page of `sotto/front-channel-logout` says. */
async function openFrontChannelPage(query: string): Promise<void> {
  vi.stubGlobal('location', new URL(`http://localhost:3000/front-channel.html${query}`))
  vi.resetModules()
  await import('../../src/front-channel-logout.ts')
  vi.unstubAllGlobals()
  vi.stubGlobal('origin', location.origin)
  await deliverMessages()
}

const sidOf = async ({ auth }: Pick<TestClient, 'auth'>): Promise<string> =>
  String((await auth.getIdToken())?.claims['sid'])

// covers spec:front-channel-logout
test('a logout that the server tells in a frame is one here, at once', async () => {
  const client = await createMonitored()
  const sid = await sidOf(client)
  await openFrontChannelPage(`?iss=${encodeURIComponent(issuer)}&sid=${sid}`)
  expect(client.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(client.frame.requests).toEqual([])
})

test('a session that is restored was ended by the server before', async () => {
  const tokenStorage = createSharedStorage()
  const client = createClient({ tokenStorage })
  await client.logIn()
  const sid = await sidOf(client)
  await openFrontChannelPage(`?iss=${encodeURIComponent(issuer)}&sid=${sid}`)
  expect(statusOf(client)).toBe('authenticated')
  const next = reload(client, { tokenStorage })
  sessionMonitor(next.auth)
  await next.auth.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(next.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a notice that a tab hears late ends no login that has come since', async () => {
  const sid = await sidOf(await createMonitored())
  const key = `sotto:epoch ${issuer} ${clientId}`
  // Of a logout and a login in another tab, at which this one has not looked yet.
  const next = JSON.stringify({ generation: 'next', loggedOut: false })
  localStorage.setItem(key, next)
  await openFrontChannelPage(`?iss=${encodeURIComponent(issuer)}&sid=${sid}`)
  expect(localStorage.getItem(key)).toBe(next)
})

// covers spec:front-channel-logout
test.each([
  ['without a sid', () => `?iss=${issuer}`],
  ['with the sid of another session', () => `?iss=${issuer}&sid=other`],
  ['of another server', (sid: string) => `?iss=https://evil.example&sid=${sid}`],
  ['that names no server', (sid: string) => `?sid=${sid}`],
  ['that is too long', (sid: string) => `?iss=${issuer}&sid=${sid}&sid=${'x'.repeat(9)}&iss=x`],
])('a notice %s ends nothing', async (what, query) => {
  const client = await createMonitored()
  const sid = what === 'that is too long' ? 'x'.repeat(2000) : await sidOf(client)
  await openFrontChannelPage(query(sid))
  expect(statusOf(client)).toBe('authenticated')
  if (/too long|no server/.test(what))
    expect(localStorage.getItem('sotto:front-channel')).toBeNull()
})

test.each([
  ['that breaks off', '{"iss":5'],
  ['of null', 'null'],
  ['that is a list', '[]'],
  ['whose sid is no text', '{"sid":{}}'],
])('a stored notice %s ends nothing', async (_, text) => {
  localStorage.setItem('sotto:front-channel', text)
  const client = await createMonitored()
  expect([statusOf(client), client.warnings]).toEqual(['authenticated', []])
})

test('a token without a sid belongs to no notice', async () => {
  const client = await createMonitored()
  client.frame.answers.push({})
  await comeBack()
  expect(await sidOf(client)).toBe('undefined')
  await openFrontChannelPage(`?iss=${encodeURIComponent(issuer)}&sid=undefined`)
  localStorage.setItem('sotto:front-channel', JSON.stringify({ iss: issuer }))
  sessionMonitor(client.auth)
  expect(statusOf(client)).toBe('authenticated')
})

test('a notice that came before is found, and none after the end', async () => {
  const client = await createMonitored()
  client.stop()
  await openFrontChannelPage(`?iss=${issuer}&sid=${await sidOf(client)}`)
  client.refresh.answers.push({ claims: { sid: await sidOf(client), email: 'new@example.com' } })
  await client.auth.getTokenSilently({ cacheMode: 'off' })
  expect(statusOf(client)).toBe('authenticated')
  sessionMonitor(client.auth)
  await deliverMessages()
  expect(statusOf(client)).toBe('anonymous')
})

test.each(named<object>([{ intervalSeconds: -1 }, { intervalSeconds: NaN }, { onEnded: 5 }]))(
  'refuses the option %s',
  async (_, options) => {
    const { auth } = createClient()
    expect(() => sessionMonitor(auth, options as never)).toThrow(
      expect.objectContaining({ code: 'config_invalid', reason: Object.keys(options)[0] }),
    )
  },
)
