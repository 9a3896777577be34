// Mix-up (RFC 9700, section 4.4): a hostile issuer leads its user on to the honest one, so that the
// code of that comes back for a login of its own. Neither the code nor its verifier may reach the
// hostile token endpoint.
import {
  arriveAtCallback,
  expect,
  leadOnToHonest,
  leaveOutIss,
  lootOf,
  test,
} from './support/two-issuers.ts'

const APART = { rogueRedirectUri: '/rogue/callback' } as const

for (const method of ['start', 'handleRedirectCallback'] as const)
  test(`${method} keeps a code from the hostile issuer that has led its user on to the honest one`, async ({
    page,
    pair,
    rogue: attacker,
    open,
    makeClients,
    signIn,
  }) => {
    leaveOutIss(pair)
    leadOnToHonest(attacker, pair)
    await open('/', APART)
    await page.evaluate(() => void rogue.loginWithRedirect())
    await signIn(page)
    await arriveAtCallback(page)
    const code = new URL(page.url()).searchParams.get('code')
    expect(code).toBeTruthy()
    await makeClients(APART)
    for (const name of ['honest', 'rogue'] as const)
      await page.evaluate(([one, call]) => endOf(clients[one][call]()), [name, method] as const)
    expect(lootOf(attacker)).toEqual([])
    // The user has a session there by now, which the honest client may find: not by this code.
    const sent = pair.control.requests({ endpoint: 'token' })
    expect(sent.map(({ parameters }) => parameters['code'])).not.toContain(code)
  })

test('an answer at the redirect URI of the other issuer is issuer_mismatch (redirect_uri)', async ({
  page,
  pair,
  rogue: attacker,
  open,
  makeClients,
  signIn,
}) => {
  leaveOutIss(pair)
  leadOnToHonest(attacker, pair)
  await open('/', APART)
  await page.evaluate(() => void rogue.loginWithRedirect())
  await signIn(page)
  await arriveAtCallback(page)
  await makeClients(APART)
  const outcome = await page.evaluate(() => endOf(rogue.handleRedirectCallback()))
  expect(outcome).toEqual({ code: 'issuer_mismatch', reason: 'redirect_uri' })
})

test('an answer at the redirect URI of its own login needs no iss', async ({
  page,
  pair,
  logInToCallback,
}) => {
  leaveOutIss(pair)
  await logInToCallback('honest', APART)
  expect(new URL(page.url()).searchParams.has('iss')).toBe(false)
  const outcome = await page.evaluate(() => endOf(honest.handleRedirectCallback()))
  expect(outcome).toMatchObject({ value: { user: { sub: 'alice' } } })
})

test.describe('with a session at the honest server', () => {
  for (const silent of [
    { responseMode: 'web_message' },
    { responseMode: 'query', callbackUri: '/rogue/callback' },
    { responseMode: 'fragment', callbackUri: '/rogue/callback' },
  ] as const)
    test(`a hidden frame that is led on to it brings the hostile issuer no code, by ${silent.responseMode}`, async ({
      page,
      context,
      pair,
      rogue: attacker,
      open,
    }) => {
      const [name = '', value = ''] = pair.control.signIn({ user: 'alice' }).cookie.split('=')
      await context.addCookies([{ name, value, url: pair.issuer, httpOnly: true }])
      leaveOutIss(pair)
      leadOnToHonest(attacker, pair)
      await open('/', { ...APART, silent: { ...silent, timeoutMs: 3000 } })
      const outcome = await page.evaluate(() => endOf(rogue.getTokenSilently()))
      // The honest server has answered: it is the answer that is not taken.
      expect(pair.control.requests({ endpoint: 'authorize' })).toHaveLength(1)
      expect(outcome).not.toHaveProperty('value')
      expect(lootOf(attacker)).toEqual([])
    })
})

for (const button of ['Log in', 'Cancel'])
  test(`requireIss refuses an answer without iss after "${button}"`, async ({
    page,
    pair,
    open,
    makeClients,
  }) => {
    leaveOutIss(pair)
    await open('/', { requireIss: true })
    await page.evaluate(() => void honest.loginWithRedirect())
    await page.getByLabel('User name').fill('alice')
    await page.getByLabel('Password').fill('alice')
    await page.getByRole('button', { name: button }).click()
    await arriveAtCallback(page)
    await makeClients({ requireIss: true })
    const { code } = await page.evaluate(() => endOf(honest.handleRedirectCallback()))
    expect(code).toBe('issuer_mismatch')
    expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
  })

test('requireIss takes an answer with iss', async ({ page, logInToCallback }) => {
  await logInToCallback('honest', { requireIss: true })
  const outcome = await page.evaluate(() => endOf(honest.handleRedirectCallback()))
  expect(outcome).toMatchObject({ value: { user: { sub: 'alice' } } })
})

test('requireIss keeps a code from the hostile issuer where both have one redirect URI', async ({
  page,
  pair,
  rogue: attacker,
  open,
  makeClients,
  signIn,
}) => {
  leaveOutIss(pair)
  leadOnToHonest(attacker, pair)
  await open('/', { requireIss: true })
  await page.evaluate(() => void rogue.loginWithRedirect())
  await signIn(page)
  await arriveAtCallback(page)
  await makeClients({ requireIss: true })
  const { code } = await page.evaluate(() => endOf(rogue.handleRedirectCallback()))
  expect(code).toBe('issuer_mismatch')
  expect(lootOf(attacker)).toEqual([])
})
