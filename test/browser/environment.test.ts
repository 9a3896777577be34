import { expect, test, vi } from 'vitest'
import {
  assertBrowser,
  isOffline,
  isOwnFrame,
  isPrerendering,
  whenActivated,
  whenVisible,
} from '../../src/browser/environment.ts'

const coded = (code: string): unknown => expect.objectContaining({ code })

/** A document whose states a test sets, and that tells what still listens to it. */
function createDocument() {
  const target = new EventTarget()
  const document = Object.assign(target, { visibilityState: 'hidden', prerendering: true })
  const listening = { count: 0 }
  const { addEventListener: add, removeEventListener: remove } = target
  document.addEventListener = (...args: Parameters<typeof add>) => {
    listening.count++
    add.apply(target, args)
  }
  document.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening.count--
    remove.apply(target, args)
  }
  vi.stubGlobal('document', document)
  return { document, listening }
}

test('a server is no browser, and plain http is not secure', () => {
  expect(assertBrowser).toThrow(coded('not_in_browser'))
  createDocument()
  expect(assertBrowser).not.toThrow()
  vi.stubGlobal('crypto', {})
  vi.stubGlobal('origin', 'http://shop.lan')
  expect(assertBrowser).toThrow(coded('insecure_context'))
  expect(assertBrowser).toThrow('origin http://shop.lan.')
  expect(assertBrowser).toThrow('Use https, or http://localhost.')
  // jsdom on its own.
  vi.stubGlobal('crypto', undefined)
  expect(assertBrowser).toThrow(coded('insecure_context'))
})

test('tells a frame of ours from others, and from none', () => {
  const frame = (names: readonly string[]) => ({
    hasAttribute: (name: string) => names.includes(name),
  })
  vi.stubGlobal('frameElement', frame(['data-sotto']))
  expect(isOwnFrame()).toBe(true)
  vi.stubGlobal('frameElement', frame(['src']))
  expect(isOwnFrame()).toBe(false)
  vi.stubGlobal('frameElement', null)
  expect(isOwnFrame()).toBe(false)
})

test("a frame element that may not be read is another origin's", () => {
  vi.stubGlobal('frameElement', undefined)
  vi.spyOn(globalThis, 'frameElement' as never, 'get').mockImplementation((): never => {
    throw new DOMException('Blocked', 'SecurityError')
  })
  expect(isOwnFrame()).toBe(false)
})

test.each([
  ['a navigator that is not on line', true, { onLine: false }],
  ['a navigator that is on line', false, { onLine: true }],
  ['a navigator that does not say', false, {}],
  ['no navigator', false, undefined],
])('with %s the device is offline: %s', (_, expected, navigator) => {
  vi.stubGlobal('navigator', navigator)
  expect(isOffline()).toBe(expected)
})

test.each([
  ['whenVisible', 'visibilitychange', whenVisible, { visibilityState: 'visible' }],
  ['whenActivated', 'prerenderingchange', whenActivated, { prerendering: false }],
] as const)('%s waits for its %s, and listens no longer', async (_, event, when, state) => {
  const { document, listening } = createDocument()
  const settled = vi.fn()
  const waiting = when().then(settled)
  document.dispatchEvent(new Event(event))
  await Promise.resolve()
  expect(settled).not.toHaveBeenCalled()
  Object.assign(document, state)
  document.dispatchEvent(new Event(event))
  await waiting
  expect(listening.count).toBe(0)
})

test('a page that is visible is not waited for', async () => {
  const { document, listening } = createDocument()
  document.visibilityState = 'visible'
  await whenVisible()
  expect(listening.count).toBe(0)
})

test('however many wait for a page to be visible, it has one listener', async () => {
  const { document, listening } = createDocument()
  const waiting = Promise.all([whenVisible(), whenVisible(), whenVisible()])
  expect(listening.count).toBe(1)
  document.visibilityState = 'visible'
  document.dispatchEvent(new Event('visibilitychange'))
  await waiting
  document.visibilityState = 'hidden'
  void whenVisible()
  expect(listening.count).toBe(1)
})

test('a page is being rendered ahead only where the browser says so', () => {
  const { document } = createDocument()
  expect(isPrerendering()).toBe(true)
  Object.assign(document, { prerendering: undefined })
  expect(isPrerendering()).toBe(false)
})
