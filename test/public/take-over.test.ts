// @vitest-environment happy-dom
// The server knows no session, and another tab has logged in meanwhile: what it has stored is the
// answer then.
import { beforeEach, expect, test } from 'vitest'
import { memoryStorage } from 'sotto'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, openPage, type RefreshClient } from '../support/refresh-client.ts'
import { rest, watchCryptography } from '../support/real-time.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const labelsOf = ({ renewals }: RefreshClient) => renewals.map(({ strategy }) => strategy)

/** A page whose silent request is under way, and another tab that has logged in since. */
async function askWhileOtherLogsIn(accessTokenSeconds = 300) {
  const page = openPage({ server: createServer({ accessTokenSeconds }) })
  const release = page.renewal.hold()
  // It sees no cookie, before that login and after.
  page.renewal.answers.push(loginRequired(), loginRequired())
  const call = page.auth.getTokenSilently()
  call.catch(() => {})
  await rest()
  const other = openPage(page)
  await other.logIn()
  return { page, other, call, release }
}

test('a call takes the token that a login in another tab has brought', async () => {
  const { page, other, call, release } = await askWhileOtherLogsIn()
  release()
  expect(await call).toBe(await other.auth.getTokenSilently())
  expect(page.refreshes()).toHaveLength(0)
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

test('also where no refresh tokens are in use', async () => {
  const setting = { renewal: createRenewal(loginRequired()) }
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage }, setting)
  const release = page.renewal.hold()
  const call = page.auth.getTokenSilently()
  await passTime(1)
  const other = createClient({ tokenStorage }, { server: page.server })
  await other.logIn()
  release()
  expect(await call).toBe(await other.auth.getTokenSilently())
  expect(other.renewal.requests).toEqual([])
})

test('a call uses the refresh token of that login where its access token has expired', async () => {
  const { page, call, release } = await askWhileOtherLogsIn(2)
  await passTime(3000)
  release()
  expect(await call).toBeTypeOf('string')
  expect(page.refreshes()).toHaveLength(1)
  expect(labelsOf(page)).toEqual(['refresh_token'])
})

test('a refresh token that could not be used for a call is not tried again for it', async () => {
  const page = await logInWithRefreshToken({ options: { tokenStorage: memoryStorage() } })
  // It sees no cookie, before that login and after.
  page.renewal.answers.push(loginRequired(), loginRequired())
  await expect(page.auth.getTokenSilently({ scope: 'openid admin' })).rejects.toMatchObject({
    code: 'login_required',
    attempts: [{ strategy: 'refresh_token', code: 'not_possible' }, { code: 'login_required' }],
  })
  expect(page.renewal.requests).toHaveLength(1)
})
