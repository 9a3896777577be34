// @vitest-environment happy-dom
// What is not believed of a refresh: that nothing was sent, or that the login is still what was asked for.
import { beforeEach, expect, test, vi } from 'vitest'
import { createServer, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { changeGrant, openPage, recordIn } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

/** What the browser says of the network from now on. */
function setOnline(value: boolean): void {
  const onLine = { value, configurable: true }
  vi.stubGlobal('navigator', Object.create(navigator, { onLine }))
}

test.each([
  ['before', false, true],
  ['after', true, false],
])(
  'a refresh token is not sent again where the device was offline only %s',
  async (_, before, after) => {
    const [server, storage] = [createServer(), createSharedStorage()]
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (!String(init?.body).includes('grant_type=refresh_token')) return server.fetch(url, init)
      // The server may have seen it, or not.
      await server.fetch(url, init)
      setOnline(after)
      throw new TypeError('Failed to fetch')
    }
    const page = openPage({ server, storage }, { fetch })
    await page.logIn()
    setOnline(before)
    await page.auth.getTokenSilently(off).catch(() => {})
    setOnline(true)
    expect(recordIn(storage)?.refreshGrant).toMatchObject({ pending: true })
    await page.auth.getTokenSilently(off)
    expect(page.refreshes()).toHaveLength(1)
  },
)

test('refuses a refreshed ID token of a lesser login than was asked for', async () => {
  const page = openPage({}, { authorizationParams: { acr_values: 'gold' } })
  const claims = { endpoint: 'token', name: 'idTokenClaims', times: 1 } as const
  page.server.control.addFault({ ...claims, set: { acr: 'gold' } })
  await page.logIn()
  page.server.control.addFault({ ...claims, set: { acr: 'silver' } })
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid', reason: 'acr' })
})

test('a refresh token that was replaced while it was marked is not sent', async () => {
  const page = openPage()
  await page.logIn()
  const { set } = page.storage
  page.storage.set = async (key, value) => {
    page.storage.set = set
    await set(key, value)
    // As a tab does that does not wait for the lock.
    changeGrant(page.storage, { token: 'another' })
  }
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toEqual([])
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ reason: 'storage_unavailable' })
})
