import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { authorizeByPopup, openPopup } from '../../src/browser/popup-window.ts'
import type { AuthError } from '../../src/errors.ts'
import { createPopupPage } from '../support/popup-page.ts'

const url = new URL('https://login.example/authorize?client_id=app')
const redirectUri = 'https://app.example/popup.html'
const state = 'tag.p.ours'
const href = `${redirectUri}?code=c&state=${state}`
const type = 'sotto:callback'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

/** A promise that a test settles. */
function hold() {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const promise = new Promise<void>((...both) => ([resolve, reject] = both))
  return { promise, resolve, reject }
}

/** Asks in a popup; `settled` is what came of it, once something did. */
async function ask(begun: Promise<unknown> = Promise.resolve()) {
  const page = createPopupPage()
  const caller = new AbortController()
  const settled: { response?: string; error?: AuthError } = {}
  const request = begun.then(() => ({ url, state, redirectUri }))
  authorizeByPopup(page.popup, request, { timeoutMs: 60_000, signal: caller.signal }).then(
    (response) => void (settled.response = response.toString()),
    (error: AuthError) => void (settled.error = error),
  )
  await wait(0)
  const post = (fields: object = {}): Promise<unknown> => {
    page.emit('message', {
      isTrusted: true,
      origin: 'https://app.example',
      data: { type, href },
      ...fields,
    })
    return wait(0)
  }
  return { ...page, caller, settled, post }
}

test('opens an unnamed popup in the middle of the window, before anything is waited for', () => {
  const { open } = createPopupPage()
  openPopup(480, 640)
  expect(open.mock.calls).toEqual([['', '_blank', 'popup,width=480,height=640,left=360,top=130']])
})

// covers fault:popup-blocked
test.each(['null', 'closed', 'throws'])('says that the browser blocks it: %s', (how) => {
  const { open, popup } = createPopupPage()
  open.mockImplementation(() => {
    if (how === 'throws') throw new Error('blocked')
    popup.closed = true
    return how === 'null' ? null : popup
  })
  expect(() => openPopup(480, 640)).toThrow(expect.objectContaining({ code: 'popup_blocked' }))
})

test('leads the popup to the server, takes what the page there posts, and leaves nothing', async () => {
  const { popup, visited, channels, settled, post, countListeners } = await ask()
  expect(visited).toEqual([url.href])
  expect(channels.map(({ name }) => name)).toEqual([`sotto:${state}`])
  await post()
  expect(settled).toEqual({ response: 'code=c&state=tag.p.ours' })
  expect(popup.close).toHaveBeenCalledOnce()
  expect(channels[0]?.isOpen).toBe(false)
  expect([countListeners(), vi.getTimerCount()]).toEqual([0, 0])
})

test('takes what comes by the channel; the first answer counts', async () => {
  const { channels, settled, post } = await ask()
  channels[0]?.onmessage?.({ data: { type, href } })
  await post({ data: { type, href: href.replace('code=c', 'code=d') } })
  expect(settled).toEqual({ response: 'code=c&state=tag.p.ours' })
})

// covers threat:popup-messages spec:popup-hand-over
test.each<[string, object]>([
  ['another origin', { origin: 'https://login.example' }],
  ['a script', { isTrusted: false }],
  ['another type', { data: { type: 'other', href } }],
  ['another state', { data: { type, href: `${href}x` } }],
  ['no state', { data: { type, href: redirectUri } }],
  ['another page', { data: { type, href: href.replace('popup', 'other') } }],
  ['another origin in it', { data: { type, href: href.replace('app.', 'evil.') } }],
  ['what is no text', { data: { type, href: [href] } }],
  ['what it only inherits', { data: Object.create({ type, href }) as object }],
  ['nothing', { data: null }],
])('ignores a message of %s', async (_, fields) => {
  const { settled, post } = await ask()
  await post(fields)
  await wait(1000)
  expect(settled).toEqual({})
  await post()
  expect(settled.response).toBeDefined()
})

test('believes no message before it has asked for anything', async () => {
  const { settled, post } = await ask(new Promise(() => {}))
  await post()
  await post({ data: { type, href: redirectUri } })
  expect(settled).toEqual({})
})

test('goes on where channels are refused', async () => {
  const begun = hold()
  const { settled, post } = await ask(begun.promise)
  vi.stubGlobal('BroadcastChannel', undefined)
  begun.resolve()
  await wait(0)
  await post()
  expect(settled.response).toBeDefined()
})

// covers fault:popup-closed
test('waits a second for the answer of a popup that was seen at the server and is closed', async () => {
  const { popup, settled, post } = await ask()
  popup.isElsewhere = true
  await wait(400)
  popup.closed = true
  await wait(1000)
  expect(settled).toEqual({})
  await post()
  expect(settled.response).toBeDefined()
})

// covers fault:popup-closed
test('says that it is closed, after that second', async () => {
  const { popup, settled } = await ask()
  popup.isElsewhere = true
  await wait(400)
  popup.closed = true
  await wait(1300)
  expect(settled.error).toMatchObject({ code: 'popup_closed' })
})

// covers fault:popup-cut-off
test('a handle that was cut off says nothing while the user is not here', async () => {
  const { popup, page, settled, channels } = await ask()
  popup.closed = true
  page.hasFocus = false
  await wait(30_000)
  expect(settled).toEqual({})
  // A look at the page and back to the popup.
  page.hasFocus = true
  await wait(8000)
  page.hasFocus = false
  await wait(1000)
  page.hasFocus = true
  await wait(8000)
  expect(settled).toEqual({})
  channels[0]?.onmessage?.({ data: { type, href } })
  await wait(0)
  expect(settled.response).toBeDefined()
})

// covers fault:popup-cut-off
test('a popup that was never seen at the server counts as closed ten seconds after the user is back', async () => {
  const { popup, settled } = await ask()
  await wait(400)
  popup.closed = true
  await wait(9800)
  expect(settled).toEqual({})
  await wait(800)
  expect(settled.error).toMatchObject({ code: 'popup_closed' })
})

// covers fault:popup-closed
test('a popup that is closed before it leads anywhere is closed, and goes nowhere', async () => {
  const begun = hold()
  const { popup, page, settled, visited } = await ask(begun.promise)
  page.hasFocus = false
  popup.closed = true
  await wait(200)
  expect(settled.error).toMatchObject({ code: 'popup_closed' })
  begun.resolve()
  await wait(0)
  expect(visited).toEqual([])
})

test('rejects with what kept the request from being made, and closes the popup', async () => {
  const begun = hold()
  const { popup, settled } = await ask(begun.promise)
  begun.reject(new Error('no metadata'))
  await wait(0)
  expect(settled.error).toMatchObject({ message: 'no metadata' })
  expect(popup.close).toHaveBeenCalledOnce()
})

// covers fault:popup-timeout
test('ends after its time, by a clock that nobody sets', async () => {
  const { popup, settled } = await ask()
  popup.isElsewhere = true
  vi.setSystemTime(Date.now() + 3_600_000)
  await wait(59_800)
  expect(settled).toEqual({})
  await wait(200)
  expect(settled.error).toMatchObject({ code: 'popup_timeout' })
  expect(popup.closed).toBe(true)
})

// covers fault:popup-aborted
test('an abort closes it, and rejects with the reason', async () => {
  const { popup, settled, caller, countListeners } = await ask()
  caller.abort('enough')
  await wait(0)
  expect(settled.error).toBe('enough')
  expect(popup.closed).toBe(true)
  expect([countListeners(), vi.getTimerCount()]).toEqual([0, 0])
})

// covers fault:popup-opener-gone
test('goes with the page', async () => {
  const { popup, settled, emit } = await ask()
  emit('pagehide')
  await wait(0)
  expect(settled.error).toMatchObject({ code: 'popup_closed' })
  expect(popup.closed).toBe(true)
})
