// The panel of `sotto/devtools`, in storezero, whose content security policy is strict.
import type { Page } from '@playwright/test'
import { expect, openOrders, test } from './support/shop.ts'

interface Modules {
  readonly showDevtools?: (auth: unknown) => void
  readonly auth?: { getTokenSilently(options: { readonly cacheMode: 'off' }): Promise<string> }
}

/** Puts the panel into the shop, as an app does in development. */
async function showDevtools(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Modules of the shop's own server.
    const load = (path: string): Promise<Modules> => import(path)
    const { showDevtools } = await load('/dist/devtools/index.js')
    const { auth } = await load('/auth.js')
    showDevtools?.(auth)
  })
}

test('the devtools show the session, the tokens and what happens, and diagnose', async ({
  open,
  signIn,
}) => {
  const page = await openOrders({ open, signIn })
  await showDevtools(page)
  const toggle = page.getByRole('button', { name: 'Sotto devtools: authenticated' })
  await expect(toggle).toBeVisible()
  await toggle.click()
  const devtools = page.getByRole('region', { name: 'Sotto devtools' })
  await expect(devtools).toContainText('Alice Liddell')
  await expect(devtools.locator('table')).toContainText('email openid orders profile')
  await page.evaluate(async () => {
    const path: string = '/auth.js'
    const { auth } = (await import(path)) as Modules
    await auth?.getTokenSilently({ cacheMode: 'off' })
  })
  const part = (title: string) => devtools.locator('section', { hasText: title }).locator('ol')
  await expect(part('Events')).toContainText('renewal')
  await expect(part('Requests')).toContainText('/token')
  await expect(part('Requests')).not.toContainText('state=')
  await expect(devtools).toContainText('tabs with this panel1')
  await devtools.getByRole('button', { name: 'Diagnose' }).click()
  await expect(devtools.locator('.findings > .ok').first()).toBeVisible()
  await devtools.getByRole('button', { name: 'Close' }).click()
  await expect(toggle).toBeFocused()
})
