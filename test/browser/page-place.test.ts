// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { notePlace, scrollBack, takePlace } from '../../src/browser/page-place.ts'

const HERE = 'http://localhost:3000/orders'
const storage = () => sessionStorage

beforeEach(() => {
  sessionStorage.clear()
  history.replaceState({ key: 'k1' }, '', HERE)
  vi.useFakeTimers({ toFake: ['performance', 'requestAnimationFrame'] })
  return () => void vi.useRealTimers()
})

/** Says where the page is scrolled, and how it was loaded. */
function setPage(y: number, type = 'navigate'): void {
  vi.stubGlobal('scrollX', 0)
  vi.stubGlobal('scrollY', y)
  const getEntriesByType = (asked: string) => (asked === 'navigation' ? [{ type }] : [])
  Object.assign(performance, { getEntriesByType })
}

/** Scrolls like a page of this height. */
function setHeight(height: number): void {
  vi.stubGlobal('scrollTo', (_x: number, y: number) =>
    vi.stubGlobal('scrollY', Math.min(y, height)),
  )
}

test('notes address, position and state, and gives them out once', () => {
  setPage(640)
  notePlace(storage)
  expect(takePlace(storage, HERE)).toEqual({ url: HERE, x: 0, y: 640, state: { key: 'k1' } })
  expect(takePlace(storage, HERE)).toBeUndefined()
})

test('is of one address', () => {
  setPage(640)
  notePlace(storage)
  expect(takePlace(storage, 'http://localhost:3000/')).toBeUndefined()
})

test('after a reload, a page that shows nothing yet is where the page before it was', () => {
  setPage(640)
  notePlace(storage)
  setPage(0, 'reload')
  notePlace(storage)
  expect(takePlace(storage, HERE)).toMatchObject({ y: 640 })
})

test('a page that was scrolled since its reload is where it is', () => {
  setPage(640)
  notePlace(storage)
  setPage(20, 'reload')
  notePlace(storage)
  expect(takePlace(storage, HERE)).toMatchObject({ y: 20 })
})

test('a page that a link has led to begins at its top', () => {
  setPage(640)
  notePlace(storage)
  setPage(0)
  notePlace(storage)
  expect(takePlace(storage, HERE)).toMatchObject({ y: 0 })
})

test('where the browser does not say how it was loaded, a page is where it is', () => {
  setPage(640)
  notePlace(storage)
  setPage(0)
  Object.assign(performance, { getEntriesByType: undefined })
  notePlace(storage)
  expect(takePlace(storage, HERE)).toMatchObject({ y: 0 })
})

test('what was noted of another address is of no page', () => {
  setPage(640)
  notePlace(storage)
  history.replaceState(null, '', '/other')
  setPage(0, 'reload')
  notePlace(storage)
  expect(takePlace(storage, 'http://localhost:3000/other')).toMatchObject({ y: 0, state: null })
})

test.each([
  ['nothing', ''],
  ['a number', '1'],
  ['a URL alone', '{"url":"http://localhost:3000/orders"}'],
  ['a place with one coordinate', `{"url":"${HERE}","x":0,"y":"1"}`],
  ['a place with the other one', `{"url":"${HERE}","x":"0","y":1}`],
  ['a place whose members have other types', '{"url":1,"x":"0","y":"1"}'],
  ['JSON that breaks off', '[1'],
])('takes %s, which another script has written, for no place', (_, text) => {
  sessionStorage.setItem('sotto:place', text)
  expect(takePlace(storage, HERE)).toBeUndefined()
})

test('does without a storage that is blocked, and without a state that is no data', () => {
  const blocked = (): never => {
    throw new Error('insecure')
  }
  expect(() => notePlace(blocked)).not.toThrow()
  expect(takePlace(blocked, HERE)).toBeUndefined()
  vi.spyOn(history, 'state', 'get').mockReturnValue({ count: 1n })
  expect(() => notePlace(storage)).not.toThrow()
})

test('scrolls once the page is long enough', () => {
  setHeight(100)
  scrollBack({ x: 0, y: 640 })
  expect(scrollY).toBe(100)
  setHeight(900)
  vi.advanceTimersByTime(50)
  expect(scrollY).toBe(640)
})

test('goes on where the page is two pixels short', () => {
  setHeight(638)
  scrollBack({ x: 0, y: 640 })
  setHeight(900)
  vi.advanceTimersByTime(50)
  expect(scrollY).toBe(640)
})

test.each(['wheel', 'touchstart', 'keydown', 'pointerdown'])(
  'does not hold a page that the user scrolls (%s), nor its events',
  (type) => {
    setHeight(100)
    const listen = vi.spyOn(globalThis, 'addEventListener')
    scrollBack({ x: 0, y: 640 })
    for (const [, , options] of listen.mock.calls) expect(options).toEqual({ passive: true })
    setHeight(900)
    dispatchEvent(new Event(type))
    vi.advanceTimersByTime(50)
    expect(scrollY).toBe(100)
  },
)

test('leaves a page alone that is where it was', () => {
  setHeight(900)
  scrollBack({ x: 0, y: 640 })
  vi.stubGlobal('scrollY', 20)
  vi.advanceTimersByTime(50)
  expect(scrollY).toBe(20)
})

test('gives up after three seconds', () => {
  setHeight(100)
  scrollBack({ x: 0, y: 640 })
  vi.advanceTimersByTime(3100)
  setHeight(900)
  vi.advanceTimersByTime(100)
  expect(scrollY).toBe(100)
})

test('leaves it to a router that sees to it itself', () => {
  const scrollTo = vi.fn()
  vi.stubGlobal('scrollTo', scrollTo)
  Object.defineProperty(history, 'scrollRestoration', { value: 'manual', configurable: true })
  scrollBack({ x: 0, y: 640 })
  Object.defineProperty(history, 'scrollRestoration', { value: 'auto', configurable: true })
  expect(scrollTo).not.toHaveBeenCalled()
})
