// @vitest-environment happy-dom
import { AuthError, createAuthClient, type AuthEvents } from 'sotto'
import { explainErrors } from 'sotto/explain'
import { fakeAuth } from 'sotto/testing'
import { beforeEach, expect, test, vi } from 'vitest'
import { preparePage } from '../support/flow-client.ts'

const titles: string[] = []
const texts: string[] = []
let depth = 0
const console = {
  group: (title: string) => {
    depth++
    titles.push(title)
  },
  warn: (text: string) => {
    expect(depth).toBe(1)
    texts.push(text)
  },
  groupEnd: () => void depth--,
}

beforeEach(() => {
  titles.length = texts.length = depth = 0
  preparePage()
})

/** A client whose events a test makes. */
function eventful() {
  const listeners = new Map<string, (event: never) => void>()
  const auth = fakeAuth({ status: 'loading' })
  const on = ((type: string, listener: (event: never) => void) => {
    listeners.set(type, listener)
    return () => void listeners.delete(type)
  }) as typeof auth.on
  const emit = <Type extends keyof AuthEvents>(type: Type, event: AuthEvents[Type]) =>
    listeners.get(type)?.(event as never)
  return { auth: { ...auth, on }, emit, listeners }
}

const renewalEnded = (error: AuthError['code'], reason?: string) => ({
  outcome: 'failure' as const,
  durationMs: 5,
  error,
  attempts: [{ strategy: 'silent_iframe', code: error, ...(reason && { reason }) }],
})

test('prints what is in the snapshot: what it means, what to do, and the link', () => {
  const error = new AuthError('timeout', { evidence: { asked: 'https://a/token' } })
  explainErrors(fakeAuth({ error }), { console })
  expect(titles).toEqual(['Sotto: timeout'])
  expect(texts).toEqual([
    expect.stringMatching(
      /^https:\/\/a\/token did not answer in time\.\nTry again.+\nhttps:.+#timeout$/,
    ),
  ])
  expect(depth).toBe(0)
})

test('prints each problem once, and says what comes later', () => {
  const auth = fakeAuth()
  explainErrors(auth, { console })
  expect(titles).toEqual([])
  const error = () => new AuthError('config_invalid', { reason: 'issuer' })
  auth.show({ status: 'error', error: error() })
  auth.show({ status: 'anonymous' })
  auth.show({ status: 'error', error: error() })
  expect(titles).toEqual(['Sotto: config_invalid, issuer'])
  auth.show({ status: 'error', error: new AuthError('insecure_context') })
  expect(titles).toHaveLength(2)
})

test('prints warnings and failed renewals, but not that nobody is signed in', () => {
  const { auth, emit } = eventful()
  explainErrors(auth, { console })
  emit('warning', { code: 'scope_narrowed', reason: 'orders' })
  emit('renewal', renewalEnded('silent_blocked', 'csp'))
  emit('renewal', renewalEnded('login_required'))
  emit('renewal', { outcome: 'success', durationMs: 5, attempts: [] })
  vi.runAllTimers()
  expect(titles).toEqual(['Sotto: scope_narrowed, orders', 'Sotto: silent_blocked, csp'])
  emit('warning', { code: 'login_required', reason: 'cookies_blocked_suspected' })
  expect(titles).toHaveLength(3)
})

test('prints the next problem of a kind, too, where a renewal meets another one', () => {
  const { auth, emit } = eventful()
  explainErrors(auth, { console })
  for (const reason of ['csp', 'csp', 'no_answer']) {
    emit('renewal', renewalEnded('silent_blocked', reason))
    vi.runAllTimers()
  }
  expect(titles).toEqual(['Sotto: silent_blocked, csp', 'Sotto: silent_blocked, no_answer'])
})

test('takes the error of a renewal for an error, not for a warning', () => {
  const { auth, emit } = eventful()
  explainErrors(auth, { console })
  emit('renewal', renewalEnded('config_invalid', 'renewal'))
  vi.runAllTimers()
  expect(titles).toEqual(['Sotto: config_invalid, renewal'])
  expect(texts[0]).toContain('no list of strategies')
  expect(texts[0]).not.toContain('came first')
})

test('prefers the error of the snapshot, which says more than its event', () => {
  const { auth, emit } = eventful()
  explainErrors(auth, { console })
  emit('renewal', renewalEnded('discovery_failed'))
  emit('warning', { code: 'token_error', reason: 'callback' })
  const evidence = { asked: 'https://a/meta', origin: 'https://app' }
  auth.show({ status: 'error', error: new AuthError('discovery_failed', { evidence }) })
  vi.runAllTimers()
  expect(titles).toEqual(['Sotto: discovery_failed', 'Sotto: token_error, callback'])
  expect(texts[0]).toContain('https://a/meta')
})

test('ends, with what was about to be printed', () => {
  const { auth, emit, listeners } = eventful()
  const stop = explainErrors(auth, { console })
  emit('renewal', renewalEnded('timeout'))
  stop()
  vi.runAllTimers()
  auth.show({ status: 'error', error: new AuthError('timeout') })
  expect(titles).toEqual([])
  expect(listeners.size).toBe(0)
})

test('prints to the console of the page by default', async () => {
  const group = vi.spyOn(globalThis.console, 'group').mockReturnValue()
  const warn = vi.spyOn(globalThis.console, 'warn').mockReturnValue()
  const auth = createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'app',
    redirectUri: '/callback',
    fetch: async () => new Response('', { status: 404 }),
  })
  const stop = explainErrors(auth)
  await auth.start()
  vi.runAllTimers()
  expect(group.mock.calls).toEqual([['Sotto: discovery_failed']])
  expect(warn.mock.calls.join()).toContain('answered with the status 404')
  stop()
  auth.dispose()
})
