import { beforeEach, expect, test, vi } from 'vitest'

const href = 'https://app.example//silent.html?code=c&state=s#x'
const postMessage = vi.fn()
const replaceState = vi.fn()
const close = vi.fn()
const opener = { postMessage: vi.fn() }

beforeEach(() => {
  vi.resetModules()
  vi.clearAllMocks()
  vi.stubGlobal('location', new URL(href))
  vi.stubGlobal('history', { replaceState })
  vi.stubGlobal('parent', { postMessage })
  vi.stubGlobal('close', close)
  vi.stubGlobal('opener', opener)
  vi.stubGlobal('window', { isFramed: true })
  vi.stubGlobal('BroadcastChannel', undefined)
})

/** Loads the page in a frame with this attribute, or in none that it may know of. */
async function load(mark?: string): Promise<void> {
  vi.stubGlobal('frameElement', mark ? { hasAttribute: (name: string) => name === mark } : null)
  await import('../src/silent-callback.ts')
}

// covers spec:callback-page-origin
test('posts its address to its own origin only, from a frame of ours', async () => {
  await load('data-sotto')
  const message = { type: 'sotto:callback', href }
  expect(postMessage.mock.calls).toEqual([[message, 'https://app.example']])
})

// covers threat:framing-site
test.each([undefined, 'data-other'])(
  'posts nothing from a frame with the mark %s',
  async (mark) => {
    await load(mark)
    expect(postMessage).not.toHaveBeenCalled()
  },
)

test.each(['data-sotto', undefined])(
  'clears its address before anything else, with the mark %s',
  async (mark) => {
    postMessage.mockImplementation(() => expect(replaceState).toHaveBeenCalledOnce())
    await load(mark)
    expect(replaceState.mock.calls).toEqual([[null, '', 'https://app.example//silent.html']])
  },
)

/** Loads the page in a window of its own, with this state. */
async function loadAlone(state: string): Promise<string> {
  const address = href.replace('state=s', `state=${state}`)
  vi.stubGlobal('window', parent)
  vi.stubGlobal('location', new URL(address))
  await load()
  return address
}

// covers spec:popup-hand-over
test('hands a response to a popup to the opener, if that is of its own origin, and closes', async () => {
  const address = await loadAlone('tag.p.random')
  const message = { type: 'sotto:callback', href: address }
  expect(opener.postMessage.mock.calls).toEqual([[message, 'https://app.example']])
  expect(close).toHaveBeenCalledOnce()
  expect(replaceState.mock.calls).toEqual([[null, '', 'https://app.example//silent.html']])
  expect(postMessage).not.toHaveBeenCalled()
})

test('hands nothing over that is for no popup', async () => {
  await loadAlone('tag.random')
  expect(opener.postMessage).not.toHaveBeenCalled()
  expect(close).not.toHaveBeenCalled()
})

// covers threat:framing-site
test('a frame is no popup', async () => {
  vi.stubGlobal('location', new URL(href.replace('state=s', 'state=tag.p.random')))
  await load()
  expect(opener.postMessage).not.toHaveBeenCalled()
  expect(close).not.toHaveBeenCalled()
})
