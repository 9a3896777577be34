import type { Page } from '@playwright/test'
import { arriveAtCallback } from './support/app-test.ts'
import { changeAtAccountPage, expect, test } from './support/federation.ts'

function renew(page: Page) {
  return page.evaluate(() => outcomeOf(auth.getTokenSilently({ cacheMode: 'off' })))
}

test('logs in with an identity provider, renews in silence, and ends with a change at the account page', async ({
  page,
  pair,
  provider,
  openApp,
  makeClient,
  signIn,
}) => {
  await openApp(page)
  await page.evaluate(() => void auth.loginWithRedirect())
  await page.getByRole('button', { name: 'Continue with Acme ID' }).click()
  await expect(page.getByText('Acme ID')).toBeVisible()
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page)
  const snapshot = await page.evaluate(() => auth.start())
  expect(snapshot).toMatchObject({ user: { sub: 'acme|alice', name: 'Alice Liddell' } })
  expect(pair.control.sessions()).toMatchObject([{ identityProvider: 'acme' }])
  expect(provider.sessions()).toMatchObject([{ sub: 'alice' }])

  // The provider is not asked: the server's session is its own.
  provider.clearRequests()
  expect(await renew(page)).toEqual({ value: expect.any(String) as unknown })
  expect(provider.requests()).toEqual([])

  const fields = { 'New e-mail': 'alice@new.example' }
  await changeAtAccountPage(page, pair.issuer, { row: 'E-mail', fields })
  expect(await renew(page)).toMatchObject({ code: 'login_required' })

  // The provider's session has not ended, so that its login page is not shown again.
  await page.evaluate(() => void auth.loginWithRedirect())
  await page.getByRole('button', { name: 'Continue with Acme ID' }).click()
  await arriveAtCallback(page)
  await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toMatchObject({
    user: { sub: 'acme|alice', email: 'alice@new.example' },
  })
})

test('logs in with a second factor, and has to log in again after a new password', async ({
  page,
  pair,
  openApp,
  makeClient,
  signIn,
}) => {
  await openApp(page)
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page, 'carol')
  await page.getByLabel('One-time code').fill('000000')
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByRole('alert')).toContainText('This code is wrong')
  await page.getByLabel('One-time code').fill('123456')
  await page.getByRole('button', { name: 'Verify' }).click()
  await arriveAtCallback(page)
  await makeClient(page)
  const snapshot = await page.evaluate(() => auth.start())
  expect(snapshot).toMatchObject({ user: { sub: 'carol', amr: ['pwd', 'otp', 'mfa'] } })
  expect(await renew(page)).toEqual({ value: expect.any(String) as unknown })

  const fields = { 'Current password': 'carol', 'New password': 'a better one' }
  await changeAtAccountPage(page, pair.issuer, { row: 'Password', fields })
  expect(pair.control.sessions()).toEqual([])
  expect(await renew(page)).toMatchObject({ code: 'login_required' })
})

test('comes back from a provider that is down or was left', async ({ page, provider, openApp }) => {
  await openApp(page)
  await page.evaluate(() => void auth.loginWithRedirect())
  provider.addFault({ endpoint: 'discovery', name: 'drop', times: 1 })
  const button = page.getByRole('button', { name: 'Continue with Acme ID' })
  await button.click()
  await expect(page.getByRole('alert')).toContainText('Acme ID does not answer')
  await button.click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('alert')).toContainText('You went back at Acme ID')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL(/\/callback\?.*error=access_denied/)
})
