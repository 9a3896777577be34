// Two issuers on one page, one of them hostile: what a login of one brings never reaches the other.
import { expect, lootOf, test, whoIsSignedIn } from './support/two-issuers.ts'

const BOTH_ORDERS = [
  ['honest', 'rogue'],
  ['rogue', 'honest'],
] as const

for (const method of ['start', 'handleRedirectCallback'] as const)
  for (const order of BOTH_ORDERS) {
    test(`an honest login is finished by the honest client alone when ${order.join(', then ')} calls ${method}, both at once`, async ({
      page,
      pair,
      rogue: attacker,
      logInToCallback,
    }) => {
      await logInToCallback('honest')
      pair.control.clearRequests()
      await page.evaluate(
        ([first, second, call]) =>
          Promise.all([endOf(clients[first][call]()), endOf(clients[second][call]())]),
        [...order, method] as const,
      )
      expect(await whoIsSignedIn(page)).toEqual({ honest: pair.issuer })
      expect(lootOf(attacker)).toEqual([])
      expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
    })
  }

for (const order of BOTH_ORDERS)
  test(`a login at the hostile issuer signs nobody in at the honest one when ${order.join(', then ')} starts`, async ({
    page,
    pair,
    rogue: attacker,
    logInToCallback,
  }) => {
    await logInToCallback('rogue')
    for (const name of order) await page.evaluate((one) => endOf(clients[one].start()), name)
    expect(await whoIsSignedIn(page)).toEqual({ rogue: attacker.issuer })
    expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
  })

for (const order of BOTH_ORDERS)
  test(`the hostile client has no token to send away after ${order.join(' and ')} have started at once`, async ({
    page,
    rogue: attacker,
    logInToCallback,
  }) => {
    await logInToCallback('honest')
    await page.evaluate((names) => Promise.all(names.map((one) => clients[one].start())), order)
    const { code } = await page.evaluate(() => endOf(sotto.fetchUserInfo(rogue)))
    expect(code).toBe('login_required')
    expect(lootOf(attacker)).toEqual([])
  })

for (const method of ['start', 'handleRedirectCallback'] as const)
  test(`${method} of the hostile client leaves the address of an honest callback alone`, async ({
    page,
    logInToCallback,
  }) => {
    await logInToCallback('honest')
    const callback = page.url()
    const addresses = await page.evaluate(async (name) => {
      const call = endOf(rogue[name]())
      const atOnce = location.href
      await call
      return [atOnce, location.href]
    }, method)
    expect(addresses).toEqual([callback, callback])
  })

test('handleRedirectCallback of the hostile client refuses an honest callback', async ({
  page,
  logInToCallback,
}) => {
  await logInToCallback('honest')
  const outcome = await page.evaluate(() => endOf(rogue.handleRedirectCallback()))
  expect(outcome).toEqual({ code: 'state_unknown' })
})

test('handleRedirectCallback of the hostile client refuses the honest callback that it is handed afterwards', async ({
  page,
  pair,
  logInToCallback,
}) => {
  await logInToCallback('honest')
  const callback = page.url()
  await page.evaluate(() => honest.handleRedirectCallback())
  pair.control.clearRequests()
  const outcome = await page.evaluate(
    (url) => endOf(rogue.handleRedirectCallback({ url })),
    callback,
  )
  expect(outcome).toEqual({ code: 'state_unknown' })
  expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
})

test('an honest login brings its appState, with a login at the hostile issuer under way', async ({
  page,
  open,
  logInToCallback,
}) => {
  await open('/')
  await page.evaluate(() => void rogue.loginWithRedirect({ appState: 'rogue' }))
  await expect(page.getByLabel('User name')).toBeVisible()
  await logInToCallback('honest')
  const outcomes = await page.evaluate(async () => [
    await endOf(rogue.handleRedirectCallback()),
    await endOf(honest.handleRedirectCallback()),
  ])
  expect(outcomes).toMatchObject([
    { code: 'state_unknown' },
    { value: { appState: 'honest', user: { sub: 'alice' } } },
  ])
})

for (const names of [
  ['rogue', 'rogue', 'honest', 'honest'],
  ['honest', 'rogue', 'honest', 'rogue'],
  ['rogue', 'honest', 'rogue', 'honest'],
] as const)
  test(`clients that are made twice, as a strict mode does, keep to their own when ${names.join(', ')} start`, async ({
    page,
    pair,
    rogue: attacker,
    logInToCallback,
  }) => {
    await logInToCallback('honest')
    pair.control.clearRequests()
    const snapshots = await page.evaluate(async (order) => {
      const all = order.map((name, index) =>
        order.indexOf(name) === index ? clients[name] : makeTwin(name),
      )
      const started = await Promise.all(all.map((client) => client.start()))
      return started.map(({ status }) => status)
    }, names)
    expect(snapshots).toEqual(
      names.map((name) => (name === 'honest' ? 'authenticated' : 'anonymous')),
    )
    expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
    expect(lootOf(attacker)).toEqual([])
  })
