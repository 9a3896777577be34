import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AuthError } from '../../src/errors.ts'
import { authorizeInFrame } from '../../src/browser/authorize-in-frame.ts'
import { createFramePage } from '../support/frame-page.ts'

const url = new URL('https://login.example/authorize?client_id=app')
const redirectUri = 'https://app.example/silent.html'
const messageOrigin = 'https://login.example'
const answer = { code: 'c', state: 'ours' }
const common = { state: 'ours', redirectUri, messageOrigin }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Asks silently; `settled` is what came of it, once something did. */
function ask() {
  const page = createFramePage()
  const caller = new AbortController()
  const settled: { response?: string; error?: AuthError } = {}
  const asked = authorizeInFrame(url, {
    ...common,
    allowScripts: false,
    timeoutMs: 10_000,
    readMessage: (data) =>
      data && typeof data === 'object' ? new URLSearchParams(data as typeof answer) : undefined,
    signal: caller.signal,
  }).then(
    (response) => void (settled.response = response.toString()),
    (error: AuthError) => void (settled.error = error),
  )
  const post = (fields: object): Promise<unknown> => {
    const { contentWindow: source } = page.frame
    page.window.emit('message', {
      isTrusted: true,
      source,
      origin: messageOrigin,
      data: answer,
      ...fields,
    })
    return vi.advanceTimersByTimeAsync(0)
  }
  const violate = (fields: object): Promise<unknown> => {
    page.document.emit('securitypolicyviolation', {
      disposition: 'enforce',
      effectiveDirective: 'frame-src',
      blockedURI: url.href,
      ...fields,
    })
    return vi.advanceTimersByTimeAsync(0)
  }
  return { ...page, caller, settled, asked, post, violate }
}

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

test('resolves with what the server posts, and leaves nothing behind', async () => {
  const { post, settled, frame, append, countListeners } = ask()
  expect(append).toHaveBeenCalledExactlyOnceWith(frame)
  expect(frame).toMatchObject({ src: url.href, attributes: { sandbox: 'allow-same-origin' } })
  await post({})
  expect(settled).toEqual({ response: 'code=c&state=ours' })
  expect(frame.isConnected).toBe(false)
  expect([countListeners(), vi.getTimerCount()]).toEqual([0, 0])
})

test('works before the page has a body', async () => {
  const page = createFramePage()
  page.document.body = null
  const { signal } = new AbortController()
  void authorizeInFrame(url, {
    ...common,
    allowScripts: true,
    timeoutMs: 10,
    readMessage: () => undefined,
    signal,
  }).catch(() => {})
  expect(page.append).toHaveBeenCalledWith(page.frame)
  expect(page.frame.attributes['sandbox']).toContain('allow-scripts')
  await wait(20)
})

test.each<[string, object]>([
  ['that a script made', { isTrusted: false }],
  ['of another window', { source: {} }],
  ['of another origin', { origin: 'https://evil.example' }],
  ['of the origin without its port', { origin: 'https://login.example:8443' }],
  ["of our own origin in the shape of the server's", { origin: 'https://app.example' }],
  ['that is no answer', { data: 'ready' }],
])('ignores a message %s', async (_which, fields) => {
  const { post, settled } = ask()
  await post(fields)
  expect(settled).toEqual({})
  await post({})
  expect(settled.response).toBe('code=c&state=ours')
})

test('counts what the frame posts beside an answer, and nothing else', async () => {
  const { post, settled } = ask()
  await post({ data: 'ready' })
  await post({ origin: 'https://evil.example' })
  await post({ isTrusted: false })
  await post({ source: {} })
  await wait(10_000)
  const asked = { asked: 'https://login.example/authorize', redirectUri }
  expect(settled.error?.evidence).toEqual({ ...asked, loads: 0, messagesIgnored: 2 })
})

test('takes what our own callback page posts, and only from our own origin', async () => {
  const { post, settled } = ask()
  const data = { type: 'sotto:callback', href: `${redirectUri}?code=c&state=ours` }
  const own = { origin: 'https://app.example', data }
  await post({ ...own, origin: 'https://evil.example' })
  await post({ ...own, data: { ...data, href: 'https://evil.example/?code=c&state=ours' } })
  expect(settled).toEqual({})
  await post(own)
  expect(settled.response).toBe('code=c&state=ours')
})

test('refuses an answer with another state', async () => {
  const { post, settled, frame } = ask()
  await post({ data: { ...answer, state: 'theirs' } })
  expect(settled.error).toMatchObject({ code: 'state_mismatch' })
  expect(frame.isConnected).toBe(false)
})

test.each(['load', 'poll'])(
  'reads the response where the frame came back to us: by %s',
  async (how) => {
    const { frame, load, settled } = ask()
    const href = `${redirectUri}?code=c&state=ours`
    if (how === 'load') load(href)
    else frame.contentWindow!.location.href = href
    await wait(how === 'load' ? 0 : 20)
    expect(settled.response).toBe('code=c&state=ours')
  },
)

test('refuses a response with another state in the address of the frame', async () => {
  const { load, settled } = ask()
  load(`${redirectUri}?code=c&state=theirs`)
  await wait(0)
  expect(settled.error).toMatchObject({ code: 'state_mismatch' })
})

test('gives up on a page that does not answer two seconds after it was loaded', async () => {
  await wait(1000)
  const { load, settled, frame, countListeners } = ask()
  await wait(500)
  load()
  await wait(1960)
  expect(settled).toEqual({})
  load()
  await wait(1980)
  expect(settled).toEqual({})
  await wait(20)
  expect(settled.error).toMatchObject({
    code: 'silent_blocked',
    reason: 'no_answer',
    retryable: true,
    evidence: { loads: 2, lastLoadMs: 2460, messagesIgnored: 0 },
  })
  expect(frame.isConnected).toBe(false)
  expect([countListeners(), vi.getTimerCount()]).toEqual([0, 0])
})

test('waits until the time is over where nothing was loaded but the empty page', async () => {
  const { load, settled } = ask()
  load('about:blank')
  await wait(9980)
  expect(settled).toEqual({})
  await wait(20)
  expect(settled.error).toMatchObject({
    code: 'silent_timeout',
    retryable: true,
    evidence: { loads: 0, messagesIgnored: 0 },
  })
  expect(settled.error).not.toHaveProperty('reason')
  expect(settled.error?.evidence).not.toHaveProperty('directive')
})

test('says so where something takes the frame out of the page', async () => {
  const { frame, settled } = ask()
  frame.remove()
  await wait(20)
  expect(settled.error).toMatchObject({
    code: 'silent_blocked',
    reason: 'removed',
    retryable: false,
  })
})

test.each([
  ['nothing was loaded', false],
  ['what was loaded says nothing', true],
])('says that the device is offline where %s, and not before', async (_, isLoaded) => {
  const { navigator, load, settled } = ask()
  navigator.onLine = false
  if (isLoaded) load()
  await wait(20)
  expect(settled.error).toBeUndefined()
  await wait(60_000)
  expect(settled.error).toMatchObject({ code: 'network_error', reason: 'offline' })
})

test.each([
  ['frame-src', url.href],
  ['child-src', messageOrigin],
  ['default-src', `${messageOrigin}/authorize`],
  ['frame-src', redirectUri],
  ['frame-src', `${redirectUri}?code=c`],
])(
  'says so where the content security policy forbids the frame: %s, %s',
  async (directive, uri) => {
    const { violate, settled } = ask()
    await violate({ effectiveDirective: directive, blockedURI: uri })
    expect(settled.error).toMatchObject({
      code: 'silent_blocked',
      reason: 'csp',
      retryable: false,
      evidence: { directive },
    })
  },
)

test.each<[string, object]>([
  ['only reports', { disposition: 'report' }],
  ['is about an image', { effectiveDirective: 'img-src' }],
  ['is about a directive that only ends like ours', { effectiveDirective: 'x-frame-src' }],
  ['is about a directive that only begins like ours', { effectiveDirective: 'frame-src-elem' }],
  ['is about another page', { blockedURI: 'https://other.example/' }],
  ['is about another page of the server', { blockedURI: `${messageOrigin}/other` }],
  ['does not say which page', { blockedURI: '' }],
  ['says no more of the page than https', { blockedURI: 'https' }],
])('ignores a violation that %s', async (_what, fields) => {
  const { violate, settled, post } = ask()
  await violate(fields)
  expect(settled).toEqual({})
  await post({})
})

test('an abort ends it with the reason of the signal, and leaves nothing behind', async () => {
  const { caller, settled, frame, countListeners } = ask()
  const reason = new Error('left')
  caller.abort(reason)
  await wait(0)
  expect(settled.error).toBe(reason)
  expect(frame.isConnected).toBe(false)
  expect([countListeners(), vi.getTimerCount()]).toEqual([0, 0])
})

test('makes no frame for a signal that was aborted before', async () => {
  const page = createFramePage()
  const signal = AbortSignal.abort(new Error('before'))
  const options = { state: 'ours', redirectUri, allowScripts: false, messageOrigin, timeoutMs: 10 }
  await expect(
    authorizeInFrame(url, { ...options, readMessage: () => undefined, signal }),
  ).rejects.toThrow('before')
  expect(page.document.createElement).not.toHaveBeenCalled()
})

test('gives up early where the device is offline and nothing was loaded', async () => {
  const { navigator, settled } = ask()
  navigator.onLine = false
  await wait(4900)
  expect(settled).toEqual({})
  await wait(200)
  expect(settled.error).toMatchObject({ code: 'network_error', reason: 'offline' })
})

test('waits for a slow server that the browser says cannot be reached', async () => {
  const { navigator, load, post, settled } = ask()
  navigator.onLine = false
  await wait(4900)
  load()
  await wait(1900)
  await post({})
  expect(settled).toEqual({ response: 'code=c&state=ours' })
})

// covers fault:network-back
test('asks once more when the network is back, and the page that could not be loaded is forgotten', async () => {
  const { frame, window, post, settled } = ask()
  frame.src = 'about:neterror'
  frame.emit('load')
  await wait(1900)
  window.emit('online', {})
  expect(frame.src).toBe(url.href)
  await wait(1900)
  expect(settled).toEqual({})
  await post({})
  expect(settled).toEqual({ response: 'code=c&state=ours' })
})
