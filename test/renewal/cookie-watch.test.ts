// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createCookieWatch } from '../../src/renewal/cookie-watch.ts'

const elsewhere = 'https://login.example.com'
const key = 'sotto:cookies'
const create = () => createCookieWatch(key)

beforeEach(() => localStorage.clear())

/** A watch in a browser where the first silent answer after a login was `login_required`. */
function createSuspecting() {
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.loginRequired()
  return watch
}

test('suspects the silent answers after a login, in another page too; the first one is new', () => {
  create().loggedIn(elsewhere)
  expect(create().isSuspected()).toBe(false)
  expect(create().loginRequired()).toEqual({ isSuspect: true, isNew: true })
  expect(create().isSuspected()).toBe(true)
  expect(create().loginRequired()).toEqual({ isSuspect: true, isNew: false })
  expect(create().isConfirmed()).toBe(false)
})

test('suspects nothing before a login', () => {
  expect(create().loginRequired()).toEqual({ isSuspect: false, isNew: false })
  expect(create().isSuspected()).toBe(false)
})

test('suspects nothing once a silent request has succeeded', () => {
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.succeeded()
  expect(watch.loginRequired().isSuspect).toBe(false)
  expect(localStorage).toHaveLength(0)
})

test('begins anew when a person logs in', () => {
  const watch = createSuspecting()
  watch.loggedIn(elsewhere)
  expect(watch.isSuspected()).toBe(false)
  expect(watch.loginRequired()).toEqual({ isSuspect: true, isNew: true })
})

test('is certain where the whole page is told of a session that the frame was not', () => {
  const watch = createSuspecting()
  watch.pageAnswered(true)
  expect(create().isConfirmed()).toBe(true)
  expect(create().isSuspected()).toBe(true)
  expect(create().loginRequired()).toEqual({ isSuspect: true, isNew: false })
})

test('stays certain through a login, and through an answer that knows no session', () => {
  const watch = createSuspecting()
  watch.pageAnswered(true)
  watch.loggedIn(elsewhere)
  watch.pageAnswered(false)
  expect(watch.isConfirmed()).toBe(true)
})

test('is not certain by an answer to the page where no frame has failed', () => {
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.pageAnswered(true)
  expect(watch.isSuspected()).toBe(false)
})

test('suspects nothing any more where the page is told the same as the frame: the session has ended', () => {
  const watch = createSuspecting()
  watch.pageAnswered(false)
  expect(watch.isSuspected()).toBe(false)
  expect(watch.loginRequired().isSuspect).toBe(false)
})

test.each(['suspected', 'confirmed'])('a success of a frame ends %s', (value) => {
  localStorage.setItem(key, value)
  const watch = create()
  expect(watch.isSuspected()).toBe(true)
  watch.succeeded()
  expect(watch.isSuspected()).toBe(false)
})

test.each([
  ['http://localhost:4000', false],
  ['https://localhost/tenant', false],
  ['https://login.localhost', true],
  ['https://localhost.example', true],
])('with an issuer of %s a suspicion is possible: %s', (issuer, isPossible) => {
  const watch = create()
  watch.loggedIn(issuer)
  expect(watch.loginRequired().isSuspect).toBe(isPossible)
})

test('suspects nothing, and throws nothing, where the storage is blocked or holds something else', () => {
  localStorage.setItem(key, '{"x":1}')
  expect(create().loginRequired().isSuspect).toBe(false)
  expect(create().isSuspected()).toBe(false)
  vi.stubGlobal('localStorage', undefined)
  const watch = create()
  watch.loggedIn(elsewhere)
  watch.succeeded()
  watch.pageAnswered(true)
  expect(watch.loginRequired().isSuspect).toBe(false)
  expect(watch.isSuspected()).toBe(false)
})

test('an answer that does not depend on a session, or the end of one, ends a suspicion and proves nothing', () => {
  const watch = createSuspecting()
  watch.cleared()
  expect(watch.isSuspected()).toBe(false)
  expect(watch.loginRequired().isSuspect).toBe(false)
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
