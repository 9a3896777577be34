// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'

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
