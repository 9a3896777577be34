// @vitest-environment happy-dom
// How long a page waits where a refresh token in doubt has to: it is its turn, and nothing else's.
import { beforeEach, expect, test } from 'vitest'
import { AuthError } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, type RefreshClient } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

/** A page whose refresh token may be sent again in a while, and whose frames have failed so far. */
async function openWaiting(): Promise<RefreshClient> {
  const page = await logInWithRefreshToken()
  await passTime(300_001)
  page.server.control.addFault({ endpoint: 'token', name: 'drop' })
  const fail = async (): Promise<unknown> => {
    page.renewal.answers.push(loginRequired())
    return page.auth.getTokenSilently(off).catch((error: unknown) => error)
  }
  // The first retry comes at once; after the next there is a pause.
  await fail()
  await fail()
  const waiting = { code: 'network_error', reason: 'outcome_unknown', retryAfterSeconds: 1 }
  expect(await fail()).toMatchObject(waiting)
  expect(page.renewal.answers).toEqual([])
  return page
}

test('a forced call in the pause of a refresh token in doubt asks by a frame', async () => {
  const page = await openWaiting()
  expect(await page.auth.getTokenSilently(off)).toBeTypeOf('string')
  expect(page.renewals.at(-1)).toMatchObject({ outcome: 'success', strategy: 'custom' })
})

test('so does any call once the network is back', async () => {
  const page = await openWaiting()
  dispatchEvent(new Event('online'))
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
})

test('a login ends that pause, for tokens for something else too', async () => {
  const page = await openWaiting()
  page.server.control.clearFaults()
  await page.logIn()
  expect(await page.auth.getTokenSilently({ scope: 'orders' })).toBeTypeOf('string')
})

test("a server's own Retry-After still holds for all of them", async () => {
  const page = await logInWithRefreshToken()
  await passTime(300_001)
  const busy = new AuthError('server_error', { status: 503, retryAfterSeconds: 20 })
  page.server.control.addFault({ endpoint: 'token', name: 'drop' })
  page.renewal.answers.push(busy)
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'server_error' })
  dispatchEvent(new Event('online'))
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'server_error' })
})
