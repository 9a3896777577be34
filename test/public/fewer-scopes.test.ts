// @vitest-environment happy-dom
// A login that Sotto begins for one API, in place of a silent request, is no login of the app's.
import { beforeEach, expect, test } from 'vitest'
import { preparePage } from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, recordIn, type RefreshClient } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

/**
 * A call for a scope that the refresh token is not good for, and a login for it in the session that
 * the server has.
 */
async function goRound(page: RefreshClient): Promise<void> {
  const set = { sid: String((await page.auth.getUser())?.['sid']) }
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set, times: 1 })
  page.renewal.answers.push(loginRequired())
  const call = { scope: 'phone', onLoginRequired: 'redirect' } as const
  await expect(page.auth.getTokenSilently(call)).rejects.toMatchObject({ code: 'login_required' })
  expect(page.visits.at(-1)?.searchParams.get('scope')).toBe('openid phone')
  await page.auth.handleRedirectCallback({ url: page.answer('alice') })
}

test('leaves the refresh token of the session, where it brings none', async () => {
  const page = await logInWithRefreshToken()
  const before = recordIn(page.storage)?.refreshToken?.token
  await goRound(page)
  expect(recordIn(page.storage)?.refreshToken?.token).toBe(before)
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toHaveLength(1)
})

test('leaves the user the claims that the app asks for', async () => {
  const page = await logInWithRefreshToken()
  const user = await page.auth.getUser()
  await goRound(page)
  expect(await page.auth.getUser()).toEqual(user)
})

test('leaves the other tokens of a session whose login_hint was the email', async () => {
  const authorizationParams = { login_hint: 'alice@example.com' }
  const page = await logInWithRefreshToken({ login: { authorizationParams } })
  const token = await page.auth.getTokenSilently()
  await goRound(page)
  expect(page.visits.at(-1)?.searchParams.get('login_hint')).toBe('alice@example.com')
  expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBe(token)
})
