import { beforeEach, expect, test, vi } from 'vitest'

const href = 'https://app.example//silent.html?code=c&state=s#x'
const postMessage = vi.fn()
const replaceState = vi.fn()

beforeEach(() => {
  vi.resetModules()
  vi.clearAllMocks()
  vi.stubGlobal('location', new URL(href))
  vi.stubGlobal('history', { replaceState })
  vi.stubGlobal('parent', { postMessage })
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
