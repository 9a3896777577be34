import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRedirectGuard } from '../../src/authorization/redirect-guard.ts'
import { blockedStorage, createTransactionStorage } from '../support/flow-storage.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const loop: unknown = expect.objectContaining({ code: 'redirect_loop' })

/** Guards of one tab: each stands for a page. */
function createTab(storage = createTransactionStorage()) {
  return { storage, openPage: () => createRedirectGuard(() => storage, 'redirects') }
}

test('lets a first redirect pass', () => {
  expect(() => createTab().openPage().check('a')).not.toThrow()
})

test('stops a key whose redirect came back without a token since, on the next page too', () => {
  const { openPage } = createTab()
  const page = openPage()
  page.complete('a')
  expect(() => page.check('a')).toThrow(loop)
  expect(() => openPage().check('a')).toThrow(loop)
})

test('does not stop another key', () => {
  const page = createTab().openPage()
  page.complete('a')
  expect(() => page.check('b')).not.toThrow()
})

test('lets a key pass again once a token was handed out, on the next page too', () => {
  const { openPage } = createTab()
  openPage().complete('a')
  openPage().serve(() => 'a')
  expect(() => openPage().check('a')).not.toThrow()
})

test('nothing is left in the storage once every key has its token', () => {
  const { storage, openPage } = createTab()
  openPage().complete('a')
  openPage().serve(() => 'a')
  expect(storage.items.size).toBe(0)
})

test('a token for one key lets no other one pass', () => {
  const { openPage } = createTab()
  for (const key of ['a', 'b']) openPage().complete(key)
  openPage().serve(() => 'a')
  expect(() => openPage().check('b')).toThrow(loop)
})

test('forgets redirects of more than a minute ago', () => {
  const { storage, openPage } = createTab()
  openPage().count()
  vi.setSystemTime(Date.now() + 60_000)
  openPage().count()
  expect(JSON.parse(storage.items.get('redirects') ?? '')).toEqual({
    times: [Date.now()],
    completed: [],
  })
})

test('a token for another key changes nothing', () => {
  const page = createTab().openPage()
  page.complete('a')
  page.serve(() => 'b')
  expect(() => page.check('a')).toThrow(loop)
})

test('does not even make a key to serve where no redirect came back', () => {
  const { storage, openPage } = createTab()
  const getItem = vi.spyOn(storage, 'getItem')
  const removeItem = vi.spyOn(storage, 'removeItem')
  const page = openPage()
  const key = vi.fn(() => 'a')
  for (let call = 0; call < 100; call++) page.serve(key)
  expect(key).not.toHaveBeenCalled()
  expect(getItem).toHaveBeenCalledTimes(1)
  expect(removeItem).not.toHaveBeenCalled()
})

// covers spec:login-loop
test('stops the fourth redirect of a minute, whatever its key', () => {
  const { openPage } = createTab()
  for (const key of ['a', 'b', 'c']) {
    const page = openPage()
    page.check(key)
    page.count()
  }
  expect(() => openPage().check('d')).toThrow(loop)
  vi.setSystemTime(Date.now() + 60_000)
  expect(() => openPage().check('d')).not.toThrow()
})

test('a clock that was set back by hours does not stop redirects for hours', () => {
  const page = createTab().openPage()
  for (let round = 0; round < 3; round++) page.count()
  vi.setSystemTime(Date.now() - 3 * 3_600_000)
  expect(() => page.check('a')).not.toThrow()
})

test('a login of the person ends both rules', () => {
  const { openPage } = createTab()
  openPage().complete('a')
  for (let round = 0; round < 3; round++) openPage().count()
  openPage().reset()
  expect(() => openPage().check('a')).not.toThrow()
})

test('a login that ends in a page that is leaving already ends no circle', () => {
  const { openPage } = createTab()
  for (let round = 0; round < 3; round++) {
    const page = openPage()
    page.count()
    page.reset()
  }
  expect(() => openPage().check()).toThrow(loop)
})

test('holds a bounded number of keys', () => {
  const { storage, openPage } = createTab()
  for (let index = 0; index < 100; index++) openPage().complete(`key ${index}`)
  const { completed } = JSON.parse(storage.items.get('redirects') ?? '') as { completed: string[] }
  expect(completed).toHaveLength(50)
  expect(completed.at(-1)).toBe('key 99')
})

test('a blocked storage throws nowhere', () => {
  const page = createRedirectGuard(blockedStorage, 'redirects')
  page.check('a')
  page.count()
  page.serve(() => 'a')
  page.reset()
  expect(() => page.check('a')).not.toThrow()
})

test.each([
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '7'],
  ['a text', '"x"'],
  ['no JSON', 'no json'],
  ['times that are a text', '{"times":"x","completed":{}}'],
  ['times of null', '{"times":null}'],
])('a record of %s stops nobody and is mended', (_, text) => {
  const { storage, openPage } = createTab()
  storage.setItem('redirects', text)
  const page = openPage()
  expect(() => page.check('a')).not.toThrow()
  page.complete('a')
  expect(() => openPage().check('a')).toThrow(loop)
})

test('what is stored has no more in it than what is counted', () => {
  const { storage, openPage } = createTab()
  const stored = (): unknown => JSON.parse(storage.items.get('redirects')!)
  openPage().complete('a')
  expect(stored()).toEqual({ times: [], completed: ['a'] })
  openPage().count()
  openPage().reset(false)
  expect(stored()).toEqual({ times: [], completed: ['a'] })
  openPage().reset()
  expect(storage.items.size).toBe(0)
})
