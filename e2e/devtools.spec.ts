// The panel of `sotto/devtools`, in storezero, whose content security policy is strict.
import { devtools, expect, openOrders, part, press, test } from './support/shop.ts'

test.slow()

test('the devtools in the page show the session, the tokens and what happens, and diagnose', async ({
  open,
  signIn,
}) => {
  const page = await openOrders({ open, signIn })
  await expect(devtools(page)).toContainText('Alice Liddell')
  await expect(part(page, 'Access tokens')).toContainText('email openid orders profile')
  await press(page, 'Renew it')
  await expect(part(page, 'Events').first()).toContainText('renewal')
  await expect(part(page, 'Requests').first()).toContainText('/token')
  await expect(devtools(page)).not.toContainText('state=')
  await expect(devtools(page)).toContainText('tabs with this panel1')
  await press(page, 'Diagnose')
  await expect(devtools(page).locator('.findings > .ok').first()).toBeVisible()
})

test('the devtools have what happened on the page before the login, until it is cleared', async ({
  open,
  signIn,
}) => {
  const page = await openOrders({ open, signIn })
  const sessions = part(page, 'Events').filter({ hasText: 'session' })
  await expect(sessions.filter({ hasText: 'authenticated' })).toHaveCount(1)
  await expect(sessions.filter({ hasText: 'anonymous' })).toHaveCount(1)
  await press(page, 'Clear events')
  await expect(sessions).toHaveCount(0)
  await page.reload()
  await expect(sessions.filter({ hasText: 'authenticated' })).toHaveCount(1)
  await expect(sessions.filter({ hasText: 'anonymous' })).toHaveCount(0)
})

test('the devtools are a button in the corner where no element is given', async ({
  open,
  signIn,
}) => {
  const page = await openOrders({ open, signIn })
  await page.evaluate(async () => {
    // Modules of the shop's own server.
    const load = (path: string): Promise<{ readonly auth: unknown }> => import(path)
    const { auth } = await load('/auth.js')
    const { showDevtools } = (await load('/dist/devtools/index.js')) as unknown as {
      showDevtools: (of: unknown) => void
    }
    showDevtools(auth)
  })
  const toggle = page.getByRole('button', { name: 'sotto · authenticated: devtools' })
  await toggle.click()
  const corner = page.locator('sotto-devtools:not([embedded])')
  await expect(corner.getByRole('region', { name: 'Sotto devtools' })).toContainText('Alice')
  await corner.getByRole('button', { name: 'Close' }).click()
  await expect(toggle).toBeFocused()
})
