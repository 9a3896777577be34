import { expect, statusOf, test } from './support/app-test.ts'

// covers fault:callback-reloaded
test('a page that is reloaded while the code is exchanged leads to where the login was begun', async ({
  page,
  pair,
  logInToCallback,
  makeClient,
}) => {
  await logInToCallback(page, { path: '/orders?page=2#late' })
  pair.control.addFault({ endpoint: 'token', name: 'delay', ms: 3000, times: 1 })
  await page.evaluate(() => void auth.start())
  await expect.poll(() => page.url()).toBe(`${pair.app.origin}/callback`)
  await page.reload()
  await makeClient(page)
  await page.evaluate(() => auth.start())
  expect(await statusOf(page)).toBe('authenticated')
  expect(page.url()).toBe(`${pair.app.origin}/orders?page=2#late`)
})
