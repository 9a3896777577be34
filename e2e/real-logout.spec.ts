// Logout at oidc-provider (OpenID Connect RP-Initiated Logout 1.0).
import { createAuthorizationUrl } from './support/authorization-request.ts'
import { arriveAtCallback, expect, seenByReal, statusOf, test } from './support/real-test.ts'

test('a logout ends the session at the server and comes back, with a clean address', async ({
  page,
  context,
  pair,
  realServer,
  logIn,
  openApp,
  makeClient,
}) => {
  await logIn(page)
  const other = await context.newPage()
  await openApp(other)
  expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  realServer.forgetRequests()
  await page.evaluate(() => void auth.logout({ postLogoutRedirectUri: '/logged-out' }))
  await page.waitForURL(/\/logged-out\?/)
  expect(seenByReal(realServer)).toEqual(['GET endSession', 'POST endSession'])
  await expect.poll(() => statusOf(other)).toBe('anonymous')
  await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toEqual({
    status: 'anonymous',
    reason: 'logged_out',
  })
  expect(page.url()).toBe(`${pair.app.origin}/logged-out`)
  await other.goto(createAuthorizationUrl(pair, { prompt: 'none' }))
  await arriveAtCallback(other)
  expect(new URL(other.url()).searchParams.get('error')).toBe('login_required')
})

test('a logout to an unknown place signs out here, and stays at the error page of the server', async ({
  page,
  pair,
  logIn,
  openApp,
}) => {
  await logIn(page)
  await page.evaluate(() => void auth.logout({ postLogoutRedirectUri: '/elsewhere' }))
  await page.waitForURL(`${pair.issuer}/**`)
  expect(await page.textContent('body')).toContain('invalid_request')
  await openApp(page)
  expect(await page.evaluate(() => auth.start())).toEqual({
    status: 'anonymous',
    reason: 'logged_out',
  })
  expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
    code: 'logged_out',
  })
})
