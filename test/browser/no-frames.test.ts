import { expect, test, vi } from 'vitest'
import { assertFramesWork, authorizeInFrame } from '../../src/browser/authorize-in-frame.ts'
import { createFramePage } from '../support/frame-page.ts'

const url = new URL('https://login.example/authorize?client_id=app')

// covers fault:frame-none
test.each<[string, object | undefined]>([
  ['has no window (happy-dom)', undefined],
  ['is at once where it was sent (jsdom)', { location: { href: url.href } }],
])('does not wait for a frame that %s', async (_which, contentWindow) => {
  vi.useFakeTimers()
  const page = createFramePage()
  page.frame.onAppend = () => void Object.assign(page.frame, { contentWindow })
  const asked = authorizeInFrame(url, {
    state: 'ours',
    redirectUri: 'https://app.example/silent.html',
    messageOrigin: url.origin,
    allowScripts: false,
    timeoutMs: 10_000,
    readMessage: () => undefined,
    signal: new AbortController().signal,
  })
  await expect(asked).rejects.toMatchObject({ code: 'silent_blocked', reason: 'no_frames' })
  expect(page.frame.isConnected).toBe(false)
  expect([page.countListeners(), vi.getTimerCount()]).toEqual([0, 0])
  vi.useRealTimers()
})

test('knows before anything is asked where no frame can work', () => {
  const { navigator } = createFramePage()
  expect(assertFramesWork).not.toThrow()
  // It may be wrong.
  navigator.onLine = false
  expect(assertFramesWork).not.toThrow()
  vi.stubGlobal('crossOriginIsolated', true)
  expect(assertFramesWork).toThrow(
    expect.objectContaining({ code: 'silent_blocked', reason: 'cross_origin_isolated' }),
  )
})
