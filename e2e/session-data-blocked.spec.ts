// Site data that the browser or a policy blocks: what is asked for throws, and the library goes on
// in memory.
import type { Page } from '@playwright/test'
import {
  BY_REFRESH,
  expect,
  lastRenewal,
  renew,
  type Said,
  sentRefreshTokens,
  snapshotOf,
  start,
  storedText,
  test,
} from './support/said-client.ts'

const SERVICES = [
  'locks',
  'BroadcastChannel',
  'localStorage',
  'sessionStorage',
  'indexedDB',
] as const

type Service = (typeof SERVICES)[number]

/**
 * Runs in the page, before its first script: makes these services throw, as a browser does that
 * blocks site data.
 */
function block(services: readonly Service[]): void {
  const refuse = (): never => {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  }
  for (const service of services) {
    if (service === 'locks')
      Object.defineProperty(navigator.locks, 'request', { value: refuse, configurable: true })
    else if (service === 'BroadcastChannel')
      Object.defineProperty(globalThis, service, {
        // Of a class, because it is called with `new`.
        value: class {
          constructor() {
            refuse()
          }
        },
      })
    else Object.defineProperty(globalThis, service, { get: refuse, configurable: true })
  }
}

const blockIn = (page: Page, services: readonly Service[]) => page.addInitScript(block, services)

for (const storage of ['memory', 'localStorage', 'IndexedDB'] as const)
  test(`restores the session where all site data is blocked, with ${storage}`, async ({
    page,
    addSession,
    open,
  }) => {
    await blockIn(page, SERVICES)
    await addSession()
    await open(page, { storage })
    expect(await start(page)).toBe('authenticated')
    expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  })

test('warns where the storage of the session is blocked', async ({ page, addSession, open }) => {
  await blockIn(page, SERVICES)
  await addSession()
  await open(page, { storage: 'IndexedDB' })
  await start(page)
  const codes = await page.evaluate(() => warnings.map(({ code }) => code))
  expect(codes).toContain('storage_unavailable')
})

test('is anonymous where all site data is blocked and nobody is signed in', async ({
  page,
  open,
}) => {
  await blockIn(page, SERVICES)
  await open(page, { storage: 'IndexedDB' })
  await start(page)
  expect(await snapshotOf(page)).toEqual({ status: 'anonymous' })
})

for (const service of SERVICES)
  test(`restores and renews where ${service} alone is blocked`, async ({
    page,
    addSession,
    open,
  }) => {
    await blockIn(page, [service])
    await addSession()
    await open(page, { storage: 'IndexedDB', renewal: ['refresh', 'frame'] })
    expect(await start(page)).toBe('authenticated')
    expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  })

test('logs out where all site data is blocked', async ({ page, addSession, open }) => {
  await blockIn(page, SERVICES)
  await addSession()
  await open(page)
  await start(page)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  expect(await snapshotOf(page)).toMatchObject({ status: 'anonymous' })
  expect(await renew(page)).toMatchObject({ code: 'logged_out' })
})

test('says storage_unavailable at a login that would be lost', async ({ page, open }) => {
  await blockIn(page, SERVICES)
  await open(page)
  const outcome = await page.evaluate(() => settle(auth.loginWithRedirect()))
  expect(outcome).toMatchObject({ code: 'storage_unavailable' })
})

const REFRESHING: Said = { storage: 'IndexedDB', renewal: ['refresh', 'frame'] }

test('a refresh token renews where locks are blocked', async ({ page, logIn }) => {
  await blockIn(page, ['locks'])
  await logIn(page, REFRESHING)
  for (let count = 0; count < 2; count++) {
    await renew(page)
    expect(await lastRenewal(page)).toBe(BY_REFRESH.strategy)
  }
})

test('a refresh token stays in memory where locks are blocked', async ({ page, pair, logIn }) => {
  await blockIn(page, ['locks'])
  await logIn(page, REFRESHING)
  const stored = await storedText(page)
  await renew(page)
  const [token = ''] = sentRefreshTokens(pair)
  expect(token).not.toBe('')
  expect(stored).not.toContain(token)
})
