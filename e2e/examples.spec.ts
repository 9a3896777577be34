// Drives examples/storezero as a person would who tries Sotto out.
import { issueAccessToken } from './support/access-token.ts'
import { account, devtools, expect, openOrders, part, press, test } from './support/shop.ts'

test.slow()

test('storezero signs in, and shows where a token came from and what was done for it', async ({
  open,
  shop,
  signIn,
}) => {
  const page = await openOrders({ open, signIn }, '/orders?from=mail#first')
  expect(page.url()).toBe(`${shop.origin}/orders?from=mail#first`)
  await expect(account(page)).toBeVisible()
  await expect(page.locator('#session-app')).toContainText('Alice Liddell')
  await expect(page.locator('#session-server')).toContainText('by password')
  await press(page, 'Get a token')
  await expect(page.locator('#outcome')).toHaveText(/^From the cache in .+ ms, without a request$/)
  await press(page, 'Expire it')
  const left = devtools(page).locator('.left')
  await expect(left).toHaveCount(0)
  await press(page, 'Get a token')
  await expect(page.locator('#outcome')).toHaveText(/^Renewed silently in .+ ms, by silent_iframe$/)
  await expect(left).toHaveText(/^(60|5\d) s$/)
  await expect(part(page, 'Events').first()).toHaveText(/^renewal[\d:]{8}silent_iframe · \d+ ms$/)
  await expect(part(page, 'Requests').nth(0)).toHaveText(/^\/token[\d:]{8}fetch · \d+ ms$/)
})

test('a second tab of storezero is signed in, and follows the sign-out of the first, also at the server', async ({
  open,
  signIn,
  shop,
}) => {
  const page = await openOrders({ open, signIn })
  const second = await open('/orders')
  await expect(second.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
  await account(page).click()
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(`${shop.origin}/`)
  await expect(page.getByText('You are signed out')).toBeVisible()
  expect(shop.control.sessions()).toEqual([])
  const invitation = { name: 'Your orders are yours' }
  await expect(second.getByRole('heading', invitation)).toBeVisible()
  await second.reload()
  await expect(second.getByRole('heading', invitation)).toBeVisible()
  await expect(second.locator('#bar-left')).toHaveText('–')
})

test("storezero's API believes a valid access token only", async ({ shop }) => {
  const ask = (token?: string) =>
    fetch(`${shop.api}/orders`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
  const good = { audience: shop.api, scope: 'openid orders' }
  const token = await issueAccessToken(shop, good)
  const answer = await ask(token)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBe(shop.origin)
  const nobody = await ask()
  expect(nobody.status).toBe(401)
  expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="orders"')
  const [header, payload, signature = ''] = token.split('.')
  const forged = [header, payload, signature.split('').reverse().join('')].join('.')
  const elsewhere = await issueAccessToken(shop, { ...good, audience: 'https://other.example' })
  shop.control.advanceClock({ seconds: -61 })
  const expired = await issueAccessToken(shop, good)
  for (const wrong of [forged, elsewhere, expired]) {
    const { status, headers } = await ask(wrong)
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ])
  }
  shop.control.advanceClock({ seconds: 61 })
  const narrow = await ask(await issueAccessToken(shop, { ...good, scope: 'openid' }))
  expect(narrow.status).toBe(403)
  expect(narrow.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
})
