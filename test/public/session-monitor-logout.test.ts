// @vitest-environment happy-dom
import { sessionMonitor, type RenewalStrategy } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** A user who is signed in, and a question in a frame that is not answered. */
async function createAsking() {
  const asked: AbortSignal[] = []
  const frame: RenewalStrategy = Object.assign(
    (_context: unknown, _request: unknown, { signal }: { readonly signal: AbortSignal }) => {
      asked.push(signal)
      return new Promise<never>(() => {})
    },
    { label: 'silent_iframe' },
  )
  const client = createClient({ renewal: [frame] })
  await client.logIn()
  const stop = sessionMonitor(client.auth, { intervalSeconds: 0 })
  window.dispatchEvent(new Event('focus'))
  await vi.advanceTimersByTimeAsync(0)
  return { ...client, stop, asked }
}

// covers spec:session-monitor
test('a logout takes back the question that is under way', async () => {
  const { auth, asked, warnings } = await createAsking()
  expect(asked.map(({ aborted }) => aborted)).toEqual([false])
  await auth.logout({ localOnly: true })
  expect(asked.map(({ aborted }) => aborted)).toEqual([true])
  expect(warnings).toEqual([])
})

test('so do its own end, and that of the client', async () => {
  for (const end of ['stop', 'dispose'] as const) {
    localStorage.clear()
    const { auth, asked, stop } = await createAsking()
    if (end === 'stop') stop()
    else auth.dispose()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked.map(({ aborted }) => aborted)).toEqual([true])
    auth.dispose()
  }
})

test('a question is not answered by one that was asked before it', async () => {
  const { asked } = await createAsking()
  // The session at the server may have ended since.
  await vi.advanceTimersByTimeAsync(1)
  window.dispatchEvent(new Event('focus'))
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toHaveLength(2)
})

test('an answer to what was asked before a login does not end that login', async () => {
  const frame = createRenewal(loginRequired())
  const { strategy } = frame
  const { auth, logIn } = createClient({
    renewal: [Object.assign(strategy, { label: 'silent_iframe' })],
  })
  await logIn()
  sessionMonitor(auth, { intervalSeconds: 0 })
  const answer = frame.hold()
  window.dispatchEvent(new Event('focus'))
  await vi.waitFor(() => expect(frame.requests).toHaveLength(1))
  await vi.advanceTimersByTimeAsync(1)
  await logIn()
  answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('nor one in another tab, of which nothing was heard', async () => {
  const frame = createRenewal(loginRequired())
  const strategy = Object.assign(frame.strategy, { label: 'silent_iframe' })
  const { auth, logIn } = createClient({ renewal: [strategy] })
  await logIn()
  const onEnded = vi.fn()
  sessionMonitor(auth, { intervalSeconds: 0, onEnded })
  const answer = frame.hold()
  window.dispatchEvent(new Event('focus'))
  await vi.waitFor(() => expect(frame.requests).toHaveLength(1))
  const mark = { generation: 'another', loggedOut: false }
  localStorage.setItem(`sotto:epoch ${issuer} ${clientId}`, JSON.stringify(mark))
  answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(onEnded).not.toHaveBeenCalled()
})
