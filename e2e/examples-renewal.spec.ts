// The ways to renew that storezero lets one try, and what the devtools in it tell of them.
import { change, expect, part, press, test } from './support/shop.ts'

test.slow()

test('storezero renews by refresh token with one request, and says why it had to fall back', async ({
  open,
  signIn,
}) => {
  const page = await open('/orders')
  await change(page, 'Refresh token')
  await press(page, 'Sign in to see them')
  await signIn(page)
  await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
  const renewals = part(page, 'Events').filter({ hasText: 'renewal' })
  await press(page, 'Renew it')
  await expect(renewals.first()).toHaveText(/^renewal[\d:]{8}refresh_token · \d+ ms$/)
  const down = page.getByRole('switch', { name: 'Network down at the server' })
  await down.click()
  await expect(down).toBeChecked()
  await press(page, 'Renew it')
  await expect(page.getByRole('alert')).toContainText('The sign-in server cannot be reached')
  await expect(renewals.filter({ hasText: 'network_error' }).first()).toContainText(
    /failure · network_error.*refresh_token · network_error.*silent_iframe · /,
  )
  await down.click()
  await expect(down).not.toBeChecked()
  await press(page, 'Renew it')
  // By the refresh token again, or by the frame first where the outage took longer than a grace
  // period.
  await expect(renewals.first()).toHaveClass('good')
})

test("storezero on another site than the server's is signed in after a reload, by a redirect of the page", async ({
  open,
  signIn,
  shop,
}) => {
  const page = await open(`${shop.otherSite}/orders?page=1#second`)
  await change(page, 'Page redirect')
  await press(page, 'Sign in to see them')
  await signIn(page)
  const order = page.getByRole('heading', { name: 'Order 1042' })
  await expect(order).toBeVisible()
  await press(page, 'Clear events')
  await page.reload()
  await expect(order).toBeVisible()
  expect(page.url()).toBe(`${shop.otherSite}/orders?page=1#second`)
  await expect(part(page, 'Events').filter({ hasText: 'start' }).first()).toContainText(
    'authenticated',
  )
  await press(page, 'Renew it')
  await expect(page.getByRole('dialog', { name: 'Please sign in' })).toBeVisible()
  await expect(part(page, 'Events').first()).toContainText(
    'silent_redirect · not_possible · not_at_start',
  )
})
