// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import {
  boundTo,
  logInWithKey,
  openDpopPage,
  prepareDpopPage,
  readStoredKey,
  type DpopClient,
} from '../support/dpop-client.ts'
import { passTime } from '../support/flow-client.ts'
import { recordIn } from '../support/refresh-client.ts'
import { revoked } from '../support/revocation.ts'

beforeEach(prepareDpopPage)

const off = { cacheMode: 'off' } as const
const statusOf = ({ auth }: DpopClient): string => auth.getSnapshot().status
const tokenIn = ({ storage }: DpopClient) => recordIn(storage)?.refreshToken?.token

/** Two tabs with one session. */
async function openTabs(): Promise<readonly [DpopClient, DpopClient]> {
  const page = await logInWithKey()
  const other = openDpopPage(page)
  await other.auth.start()
  return [page, other]
}

// covers spec:dpop-key-rotated
test('a tab goes on with a login that came after a logout in another tab', async () => {
  const [page, other] = await openTabs()
  await page.auth.logout({ localOnly: true })
  await vi.waitFor(() => expect(statusOf(other)).toBe('anonymous'))
  await page.logIn()
  await vi.waitFor(() => expect(statusOf(other)).toBe('authenticated'))
  const jkt = (await readStoredKey())?.jkt
  expect(boundTo(await other.auth.getTokenSilently())).toBe(jkt)
  expect(boundTo(await other.auth.getTokenSilently(off))).toBe(jkt)
})

// covers spec:dpop-key-rotated
test('a tab that has missed a logout goes on with the login after it', async () => {
  const [page, other] = await openTabs()
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  // Frozen, it hears nothing, and looks when it is seen again.
  vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockReturnValue()
  await page.auth.logout({ localOnly: true })
  await page.logIn()
  vi.restoreAllMocks()
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(300)
  const jkt = (await readStoredKey())?.jkt
  expect(boundTo(await other.auth.getTokenSilently(off))).toBe(jkt)
})

test('a logout of a page that has asked for nothing has the refresh token revoked', async () => {
  const page = await logInWithKey()
  const token = tokenIn(page)
  page.auth.dispose()
  await openDpopPage(page).auth.logout()
  expect(revoked(page)).toMatchObject([{ token }])
})

test('a logout has the refresh token revoked that another tab has got', async () => {
  const [page, other] = await openTabs()
  await other.auth.getTokenSilently(off)
  const token = tokenIn(page)
  await page.auth.logout()
  expect(revoked(page)).toMatchObject([{ token }])
})
