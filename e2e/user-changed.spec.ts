import type { BrowserContext, Page } from '@playwright/test'
import { arriveAtCallback, claimsOf, expect, seenBy, statusOf, test } from './support/app-test.ts'
import type { Pair } from './support/serve.ts'

/** Gives the browser another session at the server, as a login in another app does. */
async function becomeAtServer(context: BrowserContext, { issuer }: Pair, user: string) {
  const page = await context.newPage()
  await page.goto(`${issuer}/control/login?user=${user}`)
  await page.close()
}

function renew(page: Page) {
  return page.evaluate(() => outcomeOf(auth.getTokenSilently({ cacheMode: 'off' })))
}

// covers fault:frame-another-user
test(
  'another user at the server ends the session, and nothing is asked again',
  { tag: '@core' },
  async ({ page, context, pair, logIn }) => {
    await logIn(page)
    await becomeAtServer(context, pair, 'bob')
    pair.control.clearRequests()
    expect(await renew(page)).toEqual({ code: 'user_changed' })
    expect(seenBy(pair)).toEqual(['GET authorize in a frame', 'POST token'])
    pair.control.clearRequests()
    const after = await page.evaluate(async () => ({
      snapshot: { ...auth.getSnapshot() },
      token: await auth.getTokenSilently({ cacheMode: 'cache-only' }),
      user: await auth.getUser(),
      outcomes: [
        await outcomeOf(auth.getTokenSilently()),
        await outcomeOf(auth.getTokenSilently({ cacheMode: 'off' })),
        await outcomeOf(auth.getTokenSilently({ audience: 'https://api.example/' })),
      ],
    }))
    expect(after).toEqual({
      snapshot: { status: 'anonymous', reason: 'session_ended' },
      outcomes: [{ code: 'user_changed' }, { code: 'user_changed' }, { code: 'user_changed' }],
    })
    expect(seenBy(pair)).toEqual([])
  },
)

test('after user_changed a login goes on as the other user', async ({
  page,
  context,
  pair,
  logIn,
  makeClient,
}) => {
  await logIn(page)
  await becomeAtServer(context, pair, 'bob')
  expect(await renew(page)).toEqual({ code: 'user_changed' })
  await page.evaluate(() => void auth.loginWithRedirect())
  await arriveAtCallback(page)
  await makeClient(page)
  const snapshot = await page.evaluate(() => auth.start())
  expect(snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  const renewed = await renew(page)
  expect(claimsOf(renewed.value)).toMatchObject({ sub: 'bob' })
})

test('after user_changed a logout and a login in the same page go on as the other user', async ({
  page,
  context,
  pair,
  logIn,
  makeClient,
}) => {
  await logIn(page)
  await becomeAtServer(context, pair, 'bob')
  expect(await renew(page)).toEqual({ code: 'user_changed' })
  await page.evaluate(() => auth.logout({ localOnly: true }))
  expect(await renew(page)).toEqual({ code: 'logged_out' })
  await page.evaluate(() => void auth.loginWithRedirect())
  await arriveAtCallback(page)
  await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ user: { sub: 'bob' } })
})

for (const storage of ['localStorage', 'indexedDb'] as const) {
  test(`user_changed stays over a reload, with ${storage}`, async ({
    page,
    context,
    pair,
    logIn,
    makeClient,
  }) => {
    await logIn(page, { storage })
    await becomeAtServer(context, pair, 'bob')
    expect(await renew(page)).toEqual({ code: 'user_changed' })
    await page.reload()
    await makeClient(page, { storage })
    pair.control.clearRequests()
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'anonymous' })
    expect(await renew(page)).toEqual({ code: 'user_changed' })
    expect(seenBy(pair)).toEqual([])
  })

  test(`a login as another user leaves no token of the first, with ${storage}`, async ({
    page,
    logIn,
    makeClient,
    signIn,
  }) => {
    await logIn(page, { storage })
    const ofAlice = await page.evaluate(() =>
      auth.getTokenSilently({ audience: 'https://api.example/' }),
    )
    expect(claimsOf(ofAlice)).toMatchObject({ sub: 'alice' })
    await page.evaluate(
      () => void auth.loginWithRedirect({ authorizationParams: { prompt: 'login' } }),
    )
    await signIn(page, 'bob')
    await arriveAtCallback(page)
    await makeClient(page, { storage })
    expect(await page.evaluate(() => auth.start())).toMatchObject({ user: { sub: 'bob' } })
    const cached = await page.evaluate(() =>
      auth.getTokenSilently({ audience: 'https://api.example/', cacheMode: 'cache-only' }),
    )
    expect(cached).toBeUndefined()
    const token = await page.evaluate(() => auth.getTokenSilently())
    expect(claimsOf(token)).toMatchObject({ sub: 'bob' })
  })
}

for (const storage of ['memory', 'localStorage'] as const) {
  // covers fault:frame-another-user
  test(`user_changed in one tab ends the session in the other, with ${storage}`, async ({
    page,
    context,
    pair,
    logIn,
    openApp,
  }) => {
    await logIn(page, { storage })
    const other = await context.newPage()
    await openApp(other, '/', { storage })
    expect(await other.evaluate(() => auth.start())).toMatchObject({ user: { sub: 'alice' } })
    await becomeAtServer(context, pair, 'bob')
    expect(await renew(page)).toEqual({ code: 'user_changed' })
    await expect.poll(() => statusOf(other)).toBe('anonymous')
    pair.control.clearRequests()
    expect(await other.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
      code: 'user_changed',
    })
    expect(seenBy(pair)).toEqual([])
  })

  test(`a login as another user in one tab is not taken over by the other, with ${storage}`, async ({
    page,
    context,
    logIn,
    makeClient,
    openApp,
    signIn,
  }) => {
    await logIn(page, { storage })
    const other = await context.newPage()
    await openApp(other, '/', { storage })
    expect(await other.evaluate(() => auth.start())).toMatchObject({ user: { sub: 'alice' } })
    await page.evaluate(
      () => void auth.loginWithRedirect({ authorizationParams: { prompt: 'login' } }),
    )
    await signIn(page, 'bob')
    await arriveAtCallback(page)
    await makeClient(page, { storage })
    expect(await page.evaluate(() => auth.start())).toMatchObject({ user: { sub: 'bob' } })
    await expect.poll(() => statusOf(other)).toBe('anonymous')
    expect(await other.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
      code: 'user_changed',
    })
    expect(await statusOf(other)).toBe('anonymous')
    // The first tab keeps what its user has just done.
    expect(await page.evaluate(() => auth.getUser())).toMatchObject({ sub: 'bob' })
  })
}
