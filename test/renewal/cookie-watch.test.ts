// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createCookieWatch } from '../../src/renewal/cookie-watch.ts'

const elsewhere = 'https://login.example.com'
const key = 'sotto:cookies'
const create = () => createCookieWatch(key)

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers({ toFake: ['Date'] })
  return () => void vi.useRealTimers()
})

test('suspects the first silent answer after a login, in another page too, and only that', () => {
  create().loggedIn(elsewhere)
  expect(create().isSuspected()).toBe(false)
  expect(create().loginRequired()).toBe(true)
  expect(create().isSuspected()).toBe(true)
  expect(create().loginRequired()).toBe(false)
  expect(create().isSuspected()).toBe(true)
})

test('suspects nothing before a login', () => {
  expect(create().loginRequired()).toBe(false)
  expect(create().isSuspected()).toBe(false)
})

test('suspects nothing once a silent request has succeeded', () => {
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.succeeded()
  expect(watch.loginRequired()).toBe(false)
  expect(localStorage).toHaveLength(0)
})

test('is done with a suspicion when a silent request succeeds, or when a person logs in', () => {
  const watch = create()
  for (const end of [() => watch.succeeded(), () => watch.loggedIn(elsewhere)]) {
    watch.loggedIn(elsewhere)
    watch.loginRequired()
    end()
    expect(watch.isSuspected()).toBe(false)
  }
  expect(watch.loginRequired()).toBe(true)
})

test.each([
  ['http://localhost:4000', false],
  ['https://localhost/tenant', false],
  ['https://login.localhost', true],
  ['https://localhost.example', true],
])('with an issuer of %s a suspicion is possible: %s', (issuer, isPossible) => {
  const watch = create()
  watch.loggedIn(issuer)
  expect(watch.loginRequired()).toBe(isPossible)
})

test('lets a suspicion end after five minutes, or when the clock was set back by more', () => {
  const now = Date.now()
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.loginRequired()
  vi.setSystemTime(now + 299_000)
  expect(watch.isSuspected()).toBe(true)
  for (const time of [now + 300_000, now - 300_000]) {
    vi.setSystemTime(time)
    expect(watch.isSuspected()).toBe(false)
  }
})

test('suspects nothing, and throws nothing, where the storage is blocked or holds something else', () => {
  localStorage.setItem(key, '{"x":1}')
  expect(create().loginRequired()).toBe(false)
  expect(create().isSuspected()).toBe(false)
  vi.stubGlobal('localStorage', undefined)
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.succeeded()
  expect(watch.loginRequired()).toBe(false)
  expect(watch.isSuspected()).toBe(false)
})

test('an answer that does not depend on a session, or the end of one, ends a suspicion and proves nothing', () => {
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.loginRequired()
  watch.cleared()
  expect(watch.isSuspected()).toBe(false)
  expect(watch.loginRequired()).toBe(false)
  expect(watch.hasSucceeded()).toBe(false)
})

test('remembers, in this page, that a frame has succeeded since the last login', () => {
  const watch = create()
  expect(watch.hasSucceeded()).toBe(false)
  watch.succeeded()
  watch.loginRequired()
  watch.cleared()
  expect(watch.hasSucceeded()).toBe(true)
  expect(create().hasSucceeded()).toBe(false)
  watch.loggedIn('http://localhost:4000')
  expect(watch.hasSucceeded()).toBe(false)
})
