// The ways to renew that storezero lets one try, and what its panel tells of them.
import { change, expect, panel, press, test } from './support/shop.ts'

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
  const events = panel(page).locator('#events li')
  await press(page, 'Renew it')
  await expect(events.first()).toContainText(
    /^[\d:]+Renewed silentlyrefresh token · .+ ms · POST \/token$/,
  )
  const down = page.getByRole('switch', { name: 'Network down at the server' })
  await down.click()
  await expect(down).toBeChecked()
  await press(page, 'Renew it')
  await expect(page.getByRole('alert')).toContainText('The sign-in server cannot be reached')
  await expect(events.filter({ hasText: 'Not renewed: network_error' })).toContainText(
    'refresh token: the server is not reached, then hidden frame: ',
  )
  await down.click()
  await expect(down).not.toBeChecked()
  await press(page, 'Renew it')
  // By the refresh token again, or by the frame first where the outage took longer than a grace
  // period.
  await expect(events.first()).toContainText('Renewed silently')
  await expect(events.first()).toContainText('POST /token')
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
  await press(page, 'Clear')
  await page.reload()
  await expect(order).toBeVisible()
  expect(page.url()).toBe(`${shop.otherSite}/orders?page=1#second`)
  await expect(panel(page).locator('#events')).toContainText(
    'Renewed silentlyredirect of the page · GET /authorize, POST /token',
  )
  await press(page, 'Renew it')
  await expect(page.getByRole('dialog', { name: 'Please sign in' })).toBeVisible()
  await expect(panel(page).locator('#events')).toContainText(
    'then redirect of the page: only when the page is loaded',
  )
})
