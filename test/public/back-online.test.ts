// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { AuthError } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'

beforeEach(preparePage)

// covers fault:opened-offline
test.each(['online', 'visible'])(
  'a page that was opened without a network looks who is signed in when it is %s',
  async (what) => {
    const renewal = createRenewal(new AuthError('network_error'))
    const { auth } = createClient({}, { renewal })
    expect(await auth.start()).toMatchObject({ status: 'error' })
    if (what === 'online') dispatchEvent(new Event('online'))
    else document.dispatchEvent(new Event('visibilitychange'))
    await passTime(1)
    expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
    expect(renewal.requests).toHaveLength(2)
  },
)

test('a login that has failed is not asked about again when the page is visible', async () => {
  const { auth, renewal } = createClient()
  await auth.handleRedirectCallback({ url: '/callback?code=x&state=y' }).catch(() => {})
  expect(auth.getSnapshot().status).toBe('error')
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(1)
  expect(renewal.requests).toEqual([])
})
