// The examples, one for each binding: the same eight steps of a user through each of them.
import { expect, test } from './support/example-test.ts'
import { countLogins, leaveWaitingGuard } from './support/router-test.ts'

const PLACE = '/orders?page=2'

for (const example of ['react', 'vue', 'svelte', 'angular'])
  test.describe(example, () => {
    test.use({ example })

    test(`${example}: a user is led through a login that fails, one that works, and a logout`, async ({
      page,
      pair,
      signIn,
    }) => {
      const heading = page.getByRole('heading')
      const orders = page.getByRole('listitem')
      async function expectOrders(): Promise<void> {
        await expect(heading).toHaveText('Orders of Alice Liddell')
        await expect(orders).toHaveText(['A lamp for alice', 'A kettle for alice'])
        await expect(page).toHaveURL(PLACE)
      }

      await test.step('open', async () => {
        await page.goto('/')
        await expect(heading).toHaveText('Home')
        await expect(page.getByText('Not signed in')).toBeVisible()
      })
      await test.step('a deep link to a guarded route, and a login that fails', async () => {
        await page.goto(PLACE)
        await page.getByRole('button', { name: 'Cancel' }).click()
        await expect(page.getByRole('alert')).toHaveText('access_denied')
        await expect(page).toHaveURL(PLACE)
        expect(countLogins(pair)).toBe(1)
      })
      await test.step('a login that works leads back there', async () => {
        await page.getByRole('button', { name: 'Try again' }).click()
        await signIn(page)
        await expect(page).toHaveURL(PLACE)
        expect(countLogins(pair)).toBe(2)
      })
      await test.step('the protected API answers', expectOrders)
      await test.step('a reload', async () => {
        await page.reload()
        await expectOrders()
      })
      await test.step('Back', async () => {
        await page.getByRole('link', { name: 'Home' }).click()
        await expect(page.getByText('Signed in as Alice Liddell')).toBeVisible()
        await page.goBack()
        await expectOrders()
        expect(countLogins(pair)).toBe(2)
      })
      await test.step('a logout, from the guarded route', async () => {
        await page.getByRole('button', { name: 'Log out' }).click()
        await expect(page.getByText('Not signed in')).toBeVisible()
        await expect(page).toHaveURL('/')
      })
      await test.step('a reload stays out', async () => {
        pair.control.clearRequests()
        await page.reload()
        await expect(page.getByText('Not signed in')).toBeVisible()
        expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
        await page.getByRole('link', { name: 'Orders' }).click()
        await expect(page.getByLabel('Password')).toBeVisible()
        expect(countLogins(pair)).toBe(1)
      })
    })

    test(`${example}: who goes elsewhere while the guard waits is not sent away to log in`, async ({
      page,
      pair,
    }) => {
      await leaveWaitingGuard(page, pair)
      await expect(page.getByText('Not signed in')).toBeVisible()
      expect(pair.control.requests({ endpoint: 'authorize' })).toHaveLength(1)
      expect(countLogins(pair)).toBe(0)
    })
  })

for (const framework of ['plain', 'react', 'vue', 'svelte', 'angular'])
  test.describe(framework, () => {
    test.use({ example: `start/${framework}` })

    test(`${framework}: the component of docs/start.md logs in, stays so over a reload, and logs out`, async ({
      page,
      signIn,
    }) => {
      await page.goto('/')
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('button', { name: 'Cancel' }).click()
      await expect(page.getByText('access_denied')).toBeVisible()
      await page.getByRole('button', { name: 'Log in' }).click()
      await signIn(page)
      const user = page.getByText('Signed in as Alice Liddell')
      await expect(user).toBeVisible()
      await expect(page).toHaveURL('/')
      await page.reload()
      await expect(user).toBeVisible()
      await page.getByRole('button', { name: 'Log out' }).click()
      await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
      await expect(page).toHaveURL('/')
    })
  })
