// @vitest-environment happy-dom
import { AuthError } from 'sotto'
import { showDevtools } from 'sotto/devtools'
import { fakeAuth } from 'sotto/testing'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { host, open, press, root, text } from '../support/devtools.ts'
import { createClient, preparePage } from '../support/flow-client.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

test('shows who is signed in, and the tokens without a token', async () => {
  const { auth, logIn } = open()
  expect(text()).toContain('loading')
  await logIn()
  const token = await auth.getTokenSilently()
  const idToken = (await auth.getIdToken())?.token
  for (const shown of ['authenticated', 'Alice Liddell', 'email openid profile', 's'])
    expect(text()).toContain(shown)
  const html = root().innerHTML
  for (const secret of [token, idToken!, token.split('.')[2]!]) expect(html).not.toContain(secret)
})

test('the seconds that are left go down, and what has expired goes', async () => {
  const { logIn } = open()
  await logIn()
  const left = () => Number(/(\d+) s/.exec(root().querySelector('.left')?.textContent ?? '')?.[1])
  const before = left()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(before - left()).toBe(10)
  await vi.advanceTimersByTimeAsync(before * 1000)
  expect(root().querySelector('.left')).toBeNull()
})

test('says why no user is signed in, and what an error means', async () => {
  const client = open()
  await client.logIn()
  await client.auth.logout({ localOnly: true })
  expect(text()).toContain('logged_out')
  localStorage.clear()
  const failed = createClient({
    renewal: [createRenewal(new AuthError('silent_blocked')).strategy],
  })
  await failed.auth.getTokenSilently().catch(() => {})
  client.stop()
  open(failed)
  expect(text()).toContain('silent_blocked')
  expect(text()).toContain('frame')
})

test('tells what was tried', async () => {
  const renewal = createRenewal({ notPossible: 'no_session' }, loginRequired())
  const { auth } = open(createClient({ renewal: [renewal.strategy, createRenewal().strategy] }))
  await auth.getTokenSilently()
  const events = [...root().querySelectorAll('ol > li')].map((one) => one.textContent)
  expect(events.some((event) => /renewal.*custom · not_possible · no_session/.test(event))).toBe(
    true,
  )
  expect(levels()).toContain('good renewal')
})

test('says in words why a renewal failed, by the reason that its attempt has', async () => {
  const renewal = createRenewal(new AuthError('silent_blocked', { reason: 'no_frames' }))
  const { auth } = open(createClient({ renewal: [renewal.strategy] }))
  await auth.getTokenSilently().catch(() => {})
  expect(root().querySelector('.bad p')?.textContent).toContain('Nothing loads frames here')
  expect(levels()).toContain('bad renewal')
})

test('takes the error of a renewal for an error, not for a warning', async () => {
  const renewal = createRenewal(new AuthError('config_invalid', { reason: 'renewal' }))
  const { auth } = open(createClient({ renewal: [renewal.strategy] }))
  await auth.getTokenSilently().catch(() => {})
  expect(root().querySelector('ol .bad p')?.textContent).toContain('no list of strategies')
  expect(text()).not.toContain('came first')
})

test('that no user is signed in is no failure', async () => {
  const { auth } = open(createClient({ renewal: [createRenewal(loginRequired()).strategy] }))
  await auth.getTokenSilently().catch(() => {})
  expect(levels()).toContain(' renewal')
  expect(text()).toContain('The server has no session for this browser.')
})

/** Class and type of each event. */
const levels = () =>
  [...root().querySelectorAll('ol > li')].map(
    (one) => `${one.className} ${one.querySelector('b')?.textContent}`,
  )

/** A page that shows the panel and is left. */
async function leavePage(): Promise<void> {
  const { auth, stop } = open()
  await auth.getTokenSilently()
  stop()
}

test('keeps what happened for the pages that follow in the tab, without a token', async () => {
  await leavePage()
  const kept = sessionStorage.getItem(`sotto-devtools ${issuer} ${clientId}`) ?? ''
  expect(kept).toContain('renewal')
  expect(kept).not.toMatch(/ey[\w-]+\./)
  open()
  expect(levels()).toContain('good renewal')
})

test('forgets what happened when it is told to, on this page and those before', async () => {
  await leavePage()
  const { auth } = open()
  await auth.getTokenSilently()
  await vi.advanceTimersByTimeAsync(1)
  press('Clear events')
  expect(text()).toContain('EventsNone yet.')
  expect(sessionStorage.getItem(`sotto-devtools ${issuer} ${clientId}`)).toBe('[]')
})

test.each([
  '{',
  '{}',
  '[null]',
  '[{"at":"1","type":"x"}]',
  '[{"at":1,"type":"x","attempts":1}]',
  '[{"at":1,"type":"x","attempts":[null]}]',
])('shows all the rest where %s is kept in the place of events', (kept) => {
  sessionStorage.setItem(`sotto-devtools ${issuer} ${clientId}`, kept)
  open()
  expect(text()).toContain('EventsNone yet.')
  expect(text()).toContain('issuer')
})

test('shows the events of this page where the browser refuses sessionStorage', async () => {
  vi.stubGlobal('sessionStorage', undefined)
  await leavePage()
  const { auth } = open()
  await auth.getTokenSilently({ cacheMode: 'off' })
  expect(levels()).toContain('good renewal')
})

test('in an element of the page it is open, and nothing closes it', () => {
  const container = document.createElement('div')
  document.body.append(container)
  const { auth } = createClient()
  onTestFinished(showDevtools(auth, { container }))
  expect(container.firstElementChild).toBe(host())
  expect(host()!.hasAttribute('embedded')).toBe(true)
  expect(text()).toContain('issuer')
  expect(root().querySelector('.close, .toggle')).toBeNull()
})

test('what a server calls a user is no HTML', async () => {
  const name = '<img src=x onerror=alert(1)>'
  const { auth } = open(createClient({ renewal: [createRenewal({ claims: { name } }).strategy] }))
  await auth.getTokenSilently()
  expect(text()).toContain(name)
  expect(root().querySelector('img')).toBeNull()
})

test('a name that is no text is passed over', async () => {
  const claims = { name: { toString: 1 }, preferred_username: 5, email: 'alice@example.com' }
  const { auth } = open(createClient({ renewal: [createRenewal({ claims }).strategy] }))
  await auth.getTokenSilently()
  expect(text()).toContain('useralice@example.com')
})

test('shows what diagnose finds, what is wrong first', async () => {
  open(createClient({ redirectUri: '/callback' }))
  press('Diagnose')
  await vi.waitFor(() =>
    expect(root().querySelectorAll('.findings > li').length).toBeGreaterThan(3),
  )
  const levels = [...root().querySelectorAll('.findings > li')].map((one) => one.className)
  expect(levels).toEqual([...levels].sort((a, b) => rank(a) - rank(b)))
  expect(root().querySelector('.findings a')?.getAttribute('href')).toMatch(/^https:\/\/.*#/)
})

const rank = (level: string): number => ['error', 'hint', 'ok'].indexOf(level)

test('copies a report', async () => {
  const written: string[] = []
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (report) => {
    written.push(report)
  })
  open()
  press('Copy report')
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ session: { status: 'loading' } })
})

test('writes the report into the console where the clipboard is refused', async () => {
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('refused'))
  const info = vi.spyOn(console, 'info').mockImplementation(() => {})
  open()
  press('Copy report')
  await vi.waitFor(() => expect(info).toHaveBeenCalled())
  expect(info.mock.calls[0]?.[0]).toContain('"status": "loading"')
})

test('is a button at first, which opens and closes it, and no timer runs while it is closed', async () => {
  const { auth } = createClient()
  onTestFinished(showDevtools(auth))
  expect(vi.getTimerCount()).toBe(0)
  expect(text()).toBe('sotto · loading')
  root().querySelector('button')!.click()
  expect(vi.getTimerCount()).toBe(1)
  press('Close')
  expect([text(), vi.getTimerCount()]).toEqual(['sotto · loading', 0])
})

test.each(['stop', 'dispose'])('%s takes it away', async (how) => {
  const { auth, stop } = open()
  if (how === 'stop') stop()
  else auth.dispose()
  expect(host()).toBeNull()
  expect(vi.getTimerCount()).toBe(0)
})

test('takes clients of createAuthClient only', () => {
  expect(() => showDevtools(fakeAuth())).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'auth' }),
  )
})

test('does nothing on a server, and for a client that is disposed of', () => {
  const { auth } = createClient()
  auth.dispose()
  showDevtools(auth)
  vi.stubGlobal('document', undefined)
  expect(showDevtools(createClient().auth)).toBeTypeOf('function')
  vi.unstubAllGlobals()
  expect(host()).toBeNull()
})

test('counts the tabs that show it, where the browser has locks', async () => {
  const held = [{ name: `sotto-devtools ${issuer} ${clientId}` }]
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue({
    request: async (name: string) => void held.push({ name }),
    query: async () => ({ held: [...held, { name: 'another' }] }),
  })
  open()
  await vi.advanceTimersByTimeAsync(1000)
  expect(text()).toContain('tabs with this panel2')
})

test('shows all the rest where locks are refused', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockImplementation(() => {
    throw new DOMException('refused', 'SecurityError')
  })
  open()
  await vi.advanceTimersByTimeAsync(1000)
  expect(text()).not.toContain('tabs with')
  expect(text()).toContain('issuer')
})

test('is shown by a script that comes before the body', () => {
  const { auth } = createClient()
  const { body } = document
  body.remove()
  onTestFinished(() => document.documentElement.append(body))
  onTestFinished(showDevtools(auth))
  expect(document.documentElement.querySelector('sotto-devtools')).not.toBeNull()
})
