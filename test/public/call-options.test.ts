// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { outcome } from '../support/protocol-exchange.ts'

beforeEach(preparePage)

test.each(['scope', 'audience', 'resource', 'authorizationParams'])(
  'refuses a %s of the wrong kind, in silence and for a login',
  async (name) => {
    const { auth, visits, renewal } = createClient()
    await auth.getTokenSilently()
    const isParameter = name === 'authorizationParams'
    const values = [new Map([['a', 1]]), Object.create(null) as object, Symbol('x')]
    // A parameter may be a number.
    for (const value of isParameter ? values : [5, ...values]) {
      const wrong = { [name]: isParameter ? { x: value } : value }
      const refusal = { code: 'config_invalid', reason: expect.stringContaining(name) as unknown }
      await expect(auth.getTokenSilently(wrong)).rejects.toMatchObject(refusal)
      await expect(auth.loginWithRedirect(wrong)).rejects.toMatchObject(refusal)
    }
    expect([visits, renewal.requests.length]).toEqual([[], 1])
  },
)

test.each([-1, NaN, Infinity, 2 ** 31, '5', null, Object.create(null), Symbol('x')])(
  'refuses to wait for a time that no timer can take (%#)',
  async (timeoutMs) => {
    const { auth, renewal } = createClient()
    await expect(auth.getTokenSilently({ timeoutMs: timeoutMs as number })).rejects.toMatchObject({
      code: 'config_invalid',
      reason: 'timeoutMs',
    })
    expect(renewal.requests).toEqual([])
  },
)

test('waits no longer than it was told, whatever it waits for', async () => {
  const renewal = createRenewal()
  renewal.hold()
  const tokenStorage = createSharedStorage()
  const get = async (key: string): Promise<unknown> => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    return tokenStorage.get(key)
  }
  const { auth } = createClient({ tokenStorage: { ...tokenStorage, get } }, { renewal })
  const call = outcome(auth.getTokenSilently({ timeoutMs: 1000 }))
  await passTime(1000)
  expect(renewal.requests).toHaveLength(1)
  expect(await Promise.race([call, Promise.resolve('waiting')])).toBe('timeout/caller')
})

test('a page that is hidden begins the time of a call no more than once', async () => {
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  const renewal = createRenewal(loginRequired())
  const { auth } = createClient({}, { renewal })
  const call = outcome(auth.getTokenSilently({ timeoutMs: 10_000, onLoginRequired: 'redirect' }))
  await passTime(6000)
  renewal.hold()
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(4000)
  expect(await Promise.race([call, Promise.resolve('waiting')])).toBe('timeout/caller')
})
