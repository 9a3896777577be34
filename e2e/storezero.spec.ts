// More of what a person may try in examples/storezero.
import { installClock } from './support/clock.ts'
import { account, change, expect, openOrders, press, test } from './support/shop.ts'

test.slow()

test('storezero asks for a second factor where the server does, and keeps the cart on the way', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await open('/products/lamp')
  await press(page, 'Add to cart')
  await page.getByRole('link', { name: 'Cart 1' }).click()
  await press(page, 'Sign in to order')
  await signIn(page, 'bob')
  await page.getByLabel('Code').fill('123456')
  await page.getByRole('button', { name: 'Verify' }).click()
  await press(page, 'Place the order')
  await expect(page).toHaveURL(`${shop.origin}/orders`)
  await expect(page.getByRole('heading', { name: 'Order 1043' })).toBeVisible()
  await expect(page.locator('article').first()).toContainText('1 × €129.00')
  await expect(page.locator('#session-server')).toContainText('by password and code')
})

test('storezero signs in with an identity provider, and shows three sessions', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await open('/orders')
  await press(page, 'Sign in to see them')
  await page.getByRole('button', { name: 'Continue with Harbour ID' }).click()
  await expect(page).toHaveURL((url) => url.origin === shop.provider)
  await signIn(page, 'carol')
  await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
  expect(page.url()).toBe(`${shop.origin}/orders`)
  await expect(page.getByLabel('Your account: Carol Danforth')).toBeVisible()
  for (const session of ['app', 'server', 'provider']) {
    await expect(page.locator(`#session-${session} .state`)).toHaveText('Carol Danforth')
  }
  await expect(page.locator('#session-server')).toContainText('by identity provider')
  await press(page, 'End it at the identity provider')
  await expect(page.locator('#session-provider .state')).toHaveText('no session')
  await press(page, 'Renew it')
  await expect(page.locator('#outcome')).toHaveText(/^Renewed silently/)
})

test('storezero asks to sign in after a change of the password, and is back at the same place', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await openOrders({ open, signIn }, '/orders?page=1#second')
  await press(page, 'Change the password')
  await expect(page.getByText('The password is now alice-2')).toBeVisible()
  await expect(page.locator('#session-server')).toContainText('no session')
  await press(page, 'Renew it')
  const dialog = page.getByRole('dialog', { name: 'Please sign in' })
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill('alice-2')
  await press(page, 'Log in')
  await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
  expect(page.url()).toBe(`${shop.origin}/orders?page=1#second`)
})

test('storezero goes to the login without a question if told so, and explains what goes wrong', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await openOrders({ open, signIn })
  await change(page, 'Go at once')
  await expect(account(page)).toBeVisible()
  shop.control.addFault({ endpoint: 'token', name: 'status', status: 503, times: 1 })
  await press(page, 'Renew it')
  const problem = page.getByRole('alert')
  await expect(problem).toContainText('The sign-in server cannot be reached')
  await expect(problem).toContainText('server_error')
  await problem.getByRole('button', { name: 'Try again' }).click()
  await expect(problem).toBeHidden()
  await press(page, 'End the session at the server')
  await expect(page.locator('#session-server')).toContainText('no session')
  await press(page, 'Renew it')
  await signIn(page)
  await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
})

test('storezero restores the session from localStorage and IndexedDB without a request', async ({
  open,
  shop,
  signIn,
}) => {
  const page = await openOrders({ open, signIn })
  const asked = () => shop.control.requests().map(({ endpoint }) => endpoint)
  for (const storage of ['localStorage', 'IndexedDB']) {
    await change(page, storage)
    await expect(page.getByRole('radio', { name: storage })).toBeChecked()
    await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
    expect(asked()).toContain('token')
    shop.control.clearRequests()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
    expect(asked()).not.toContain('authorize')
    expect(asked()).not.toContain('token')
  }
})

test('storezero signs in in a popup if told so, and the page stays', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await open('/products/lamp')
  await change(page, 'In a popup')
  await page.evaluate(() => {
    Object.assign(globalThis, { isSamePage: true })
    // A browser that is driven says of every page that it has the focus. Its policy cuts the popup off.
    document.hasFocus = () => false
  })
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Sign in', exact: true }).click(),
  ])
  // The popup goes with the answer, perhaps before the click in it has come back.
  await signIn(popup).catch(() => {})
  await expect(account(page)).toBeVisible()
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(page.url()).toBe(`${shop.origin}/products/lamp`)
  expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true)
})

test('storezero has a sign-in of long ago confirmed before an order, and places it then', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await openOrders({ open, signIn })
  await page.goto('/products/lamp')
  await press(page, 'Add to cart')
  shop.control.advanceClock({ seconds: 301 })
  await page.getByRole('link', { name: 'Cart 1' }).click()
  await press(page, 'Place the order')
  const dialog = page.getByRole('dialog', { name: 'Is it still you?' })
  await dialog.getByRole('button', { name: 'Not now' }).click()
  await expect(page.getByRole('heading', { name: 'The order is not placed' })).toBeVisible()
  await press(page, 'Place the order')
  await page.evaluate(() => (document.hasFocus = () => false))
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    dialog.getByRole('button', { name: 'Sign in' }).click(),
  ])
  await signIn(popup).catch(() => {})
  await expect(page.getByRole('heading', { name: 'Order 1043' })).toBeVisible()
  expect(page.url()).toBe(`${shop.origin}/orders`)
})

test('storezero asks whoever has left whether they are there, and signs them out', async ({
  context,
  open,
  signIn,
  shop,
}) => {
  await context.addInitScript(installClock)
  const page = await openOrders({ open, signIn })
  const idle = page.getByRole('alert', { name: 'Are you still there?' })
  const leave = (seconds: number) => page.evaluate((ms) => sleep(ms), seconds * 1000)
  await leave(29.5 * 60)
  await expect(idle.getByRole('timer')).toHaveText(/^(30|2\d) s$/)
  await page.keyboard.press('Shift')
  await expect(idle).toBeHidden()
  await leave(31 * 60)
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  expect(shop.control.sessions()).toEqual([])
})
