// What docs/moving/implicit-flow.md says of callbacks that carry tokens.
// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const TOKENS = 'access_token=planted&id_token=planted&token_type=bearer&expires_in=300'

/**
 * A client with a login under way, and the address bar at a callback in the style of the implicit
 * flow.
 */
async function arriveWithTokens(state?: string) {
  const page = createClient({}, { renewal: createRenewal(loginRequired()) })
  await page.auth.loginWithRedirect()
  const ours = page.visits[0]?.searchParams.get('state')
  history.replaceState(null, '', `/callback?a=1#${TOKENS}&state=${state ?? ours}`)
  return page
}

test('start takes nothing from a callback that carries tokens, cleans the URL, and goes on as on any page', async () => {
  const { auth, renewal, warnings } = await arriveWithTokens()
  expect(await auth.start()).toEqual({ status: 'anonymous' })
  expect(warnings).toEqual([{ code: 'callback_invalid', reason: 'callback' }])
  expect(location.href).toBe('http://localhost:3000/')
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  expect(await auth.getUser()).toBeUndefined()
  expect(renewal.requests).toHaveLength(1)
})

test('handleRedirectCallback rejects for it', async () => {
  const { auth } = await arriveWithTokens()
  await expect(auth.handleRedirectCallback()).rejects.toMatchObject({
    code: 'callback_invalid',
    reason: 'tokens',
  })
})

test('a callback of another library that carries tokens is left alone', async () => {
  const { auth } = await arriveWithTokens('of-another-library')
  const address = location.href
  expect(await auth.start()).toEqual({ status: 'anonymous' })
  expect(location.href).toBe(address)
  await expect(auth.handleRedirectCallback()).rejects.toMatchObject({ code: 'state_unknown' })
})
