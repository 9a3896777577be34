// @vitest-environment happy-dom
// The app, where it is loaded in a popup that another page has opened: it hands the response over.
import { beforeEach, expect, test, vi } from 'vitest'
import type { CallbackOutcome } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** A page at its callback, with the `state` of a popup or of a redirect. */
async function openCallback(mark: 'p.' | '') {
  const client = createClient()
  await client.auth.loginWithRedirect()
  const state = client.visits[0]!.searchParams.get('state')!.replace(/\..*/, `.${mark}some-state`)
  const href = `http://localhost:3000/callback?code=some-code&state=${state}`
  history.replaceState(null, '', href)
  const close = vi.fn()
  const postMessage = vi.fn()
  vi.stubGlobal('close', close)
  vi.stubGlobal('opener', { postMessage })
  return { ...client, href, close, postMessage }
}

// covers spec:popup-hand-over
test('start hands it over to its own origin, cleans the address, and waits to be closed', async () => {
  const { auth, href, close, postMessage } = await openCallback('p.')
  const started = auth.start()
  const message = { type: 'sotto:callback', href }
  expect(location.href).toBe('http://localhost:3000/callback')
  await passTime(0)
  expect(postMessage.mock.calls).toEqual([[message, 'http://localhost:3000']])
  expect(close).toHaveBeenCalledOnce()
  await passTime(900)
  expect(auth.getSnapshot()).toEqual({ status: 'loading' })
  await passTime(200)
  await started
})

// covers fault:popup-opener-gone
test('a page that is not closed goes on, as with a response that nobody has asked for', async () => {
  const { auth, renewal, server, close } = await openCallback('p.')
  const outcomes: CallbackOutcome[] = []
  const started = auth.start({ onCallback: (outcome) => outcomes.push(outcome) })
  await passTime(1100)
  expect(await started).toMatchObject({ status: 'authenticated' })
  expect(renewal.requests).toHaveLength(1)
  expect(outcomes).toMatchObject([{ path: '/', user: { sub: 'alice' } }])
  expect(close).toHaveBeenCalledOnce()
  expect(server.control.requests({ endpoint: 'token' })).toEqual([])
})

test('handleRedirectCallback hands it over too', async () => {
  const { auth, close } = await openCallback('p.')
  const outcome = expect(auth.handleRedirectCallback()).rejects.toMatchObject({
    code: 'state_unknown',
  })
  await passTime(1100)
  await outcome
  expect(close).toHaveBeenCalledOnce()
})

test('a response to a redirect is handed to nobody', async () => {
  const { auth, renewal, close, postMessage } = await openCallback('')
  renewal.answers.push(loginRequired())
  expect(await auth.start()).toMatchObject({ status: 'anonymous' })
  expect(close).not.toHaveBeenCalled()
  expect(postMessage).not.toHaveBeenCalled()
})
