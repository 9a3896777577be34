// @vitest-environment happy-dom
// How long a page remembers the response that it has taken.
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

/** A page that has finished a login, and is still at the address without the response. */
async function finishLogin() {
  const page = createClient()
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  const result = await page.auth.handleRedirectCallback()
  return { ...page, result }
}

test('a component that mounts twice is given the same outcome, and one that comes later none', async () => {
  const { auth, result, server } = await finishLogin()
  await passTime(5000)
  expect(await auth.handleRedirectCallback()).toEqual(result)
  await passTime(1)
  await expect(auth.handleRedirectCallback()).rejects.toMatchObject({ code: 'state_unknown' })
  expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
})
