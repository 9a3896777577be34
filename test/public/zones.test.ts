// @vitest-environment happy-dom
// What zone.js does in an Angular app, as far as timers go: a listener of a DOM event is called in
// the zone where it was registered, anything else in that of its caller, and an app is stable once
// its zone has no timer left.
import { autoRenew, idleTimeout, sessionMonitor, type AuthClient } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'

let isInApp = true
/** What was begun in the zone of the app, and has not ended. */
const timers = new Set<unknown>()

beforeEach(preparePage)
beforeEach(() => {
  timers.clear()
  const { addEventListener } = EventTarget.prototype
  vi.spyOn(EventTarget.prototype, 'addEventListener').mockImplementation(function (
    this: EventTarget,
    type,
    listener,
    options,
  ) {
    const isOfApp = isInApp
    const call = (event: Event): void => inZone(isOfApp, () => (listener as EventListener)(event))
    addEventListener.call(this, type, call, options)
  })
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
  const keep = (timer: unknown): unknown => (isInApp && timers.add(timer), timer)
  vi.stubGlobal('setTimeout', (work: () => void, ms: number) => {
    const timer = setTimeout(() => (timers.delete(timer), work()), ms)
    return keep(timer)
  })
  vi.stubGlobal('setInterval', (work: () => void, ms: number) => keep(setInterval(work, ms)))
  vi.stubGlobal('clearTimeout', (timer: never) => (timers.delete(timer), clearTimeout(timer)))
  vi.stubGlobal('clearInterval', (timer: never) => (timers.delete(timer), clearInterval(timer)))
  return () => vi.unstubAllGlobals()
})

function inZone(isOfApp: boolean, work: () => void): void {
  const before = isInApp
  isInApp = isOfApp
  try {
    work()
  } finally {
    isInApp = before
  }
}

test.each<[string, (auth: AuthClient) => unknown]>([
  ['renews by itself', (auth) => autoRenew(auth)],
  ['watches for idle users', (auth) => idleTimeout(auth, { seconds: 600 })],
  ['asks a page of the server', (auth) => sessionMonitor(auth)],
])('an app with zones is stable while its client %s', async (_name, add) => {
  const server = createServer({ checkSessionFrame: true })
  const { auth, logIn } = createClient({}, { server })
  inZone(false, () => add(auth))
  await logIn()
  await passTime(1000)
  expect(auth.getSnapshot().status).toBe('authenticated')
  expect(vi.getTimerCount()).toBeGreaterThan(0)
  expect(timers.size).toBe(0)
})
