// What a login was asked for with goes with every silent request of its session: an organization, a
// tenant, who it is.
import type { Page } from '@playwright/test'
import { countAuthorize, expect, renew, start, storedText, test } from './support/said-client.ts'
import type { Pair } from './support/serve.ts'

const ORGANIZATION = { organization: 'org_7' } as const
const LOGIN = { login: { sessionParams: ORGANIZATION } } as const

/** The parameters of the last authorization request. */
function lastAsked({ control }: Pair): Readonly<Record<string, string>> {
  return control.requests({ endpoint: 'authorize' }).at(-1)?.parameters ?? {}
}

/** Tries a login with these; gives the code and the reason of the error. */
function tryLogin(page: Page, sessionParams: Readonly<Record<string, string>>) {
  return page.evaluate((given) => {
    const options: object = { sessionParams: given }
    return settle(auth.loginWithRedirect(options))
  }, sessionParams)
}

test('sessionParams go with the login', async ({ page, pair, open }) => {
  await open(page)
  await page.evaluate((options: object) => void auth.loginWithRedirect(options), LOGIN.login)
  await expect.poll(() => countAuthorize(pair)).toBe(1)
  expect(lastAsked(pair)).toMatchObject(ORGANIZATION)
  await expect(page.getByLabel('User name')).toBeVisible()
})

test('sessionParams go with a silent renewal', async ({ page, pair, logIn }) => {
  await logIn(page, {}, LOGIN)
  await renew(page)
  expect(lastAsked(pair)).toMatchObject({ ...ORGANIZATION, prompt: 'none' })
})

test('sessionParams go with the silent request after a reload', async ({
  page,
  pair,
  logIn,
  open,
}) => {
  await logIn(page, {}, LOGIN)
  await open(page)
  expect(await start(page)).toBe('authenticated')
  expect(lastAsked(pair)).toMatchObject({ ...ORGANIZATION, prompt: 'none' })
})

test('sessionParams go with the silent request of another tab', async ({
  page,
  context,
  pair,
  logIn,
  open,
}) => {
  await logIn(page, {}, LOGIN)
  const other = await context.newPage()
  await open(other)
  expect(await start(other)).toBe('authenticated')
  expect(lastAsked(pair)).toMatchObject(ORGANIZATION)
})

test('sessionParams go with the fallback', async ({ page, pair, logIn }) => {
  await logIn(page, { onLoginRequired: 'redirect' }, LOGIN)
  pair.control.endSessions()
  await page.evaluate(() => void auth.getTokenSilently({ cacheMode: 'off' }))
  await expect(page.getByLabel('User name')).toBeVisible()
  expect(lastAsked(pair)).toMatchObject(ORGANIZATION)
  expect(lastAsked(pair)).not.toHaveProperty('prompt')
})

test('a step-up repeats sessionParams', async ({ page, pair, logIn }) => {
  await logIn(page, {}, LOGIN)
  await page.evaluate(() => void auth.loginWithRedirect({ maxAge: 0 }))
  await expect(page.getByLabel('User name')).toBeVisible()
  expect(lastAsked(pair)).toMatchObject(ORGANIZATION)
})

test('a login with empty sessionParams clears them', async ({ page, pair, logIn, make }) => {
  await logIn(page, {}, LOGIN)
  await page.evaluate(() => {
    const options: object = { sessionParams: {} }
    void auth.loginWithRedirect(options)
  })
  // The server knows the user.
  await page.waitForURL(/\/callback/)
  expect(lastAsked(pair)).not.toHaveProperty('organization')
  await make(page)
  await start(page)
  await renew(page)
  expect(lastAsked(pair)).not.toHaveProperty('organization')
})

test('parameters of a call win over sessionParams', async ({ page, pair, logIn }) => {
  await logIn(page, {}, LOGIN)
  await page.evaluate(() =>
    auth.getTokenSilently({ authorizationParams: { organization: 'org_8' } }),
  )
  expect(lastAsked(pair)).toMatchObject({ organization: 'org_8' })
})

test('sessionParams are no part of what a token is for', async ({ page, pair, logIn }) => {
  await logIn(page, {}, LOGIN)
  expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^ey/)
  expect(pair.control.requests()).toEqual([])
})

test('a logout leaves nothing of sessionParams', async ({ page, logIn }) => {
  await logIn(page, {}, LOGIN)
  expect(await storedText(page)).toContain(ORGANIZATION.organization)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  expect(await storedText(page)).not.toContain(ORGANIZATION.organization)
})

test('a login with other sessionParams drops the tokens of before', async ({
  page,
  pair,
  logIn,
  make,
  openAnother,
}) => {
  await logIn(page, {}, LOGIN)
  const other = await openAnother()
  const before = await other.evaluate(() => auth.getTokenSilently())
  await page.evaluate(() => {
    const options: object = { sessionParams: { organization: 'org_8' } }
    void auth.loginWithRedirect(options)
  })
  await page.waitForURL(/\/callback/)
  await make(page)
  await start(page)
  await expect.poll(() => other.evaluate(() => auth.getTokenSilently())).not.toBe(before)
  expect(lastAsked(pair)).toMatchObject({ organization: 'org_8' })
})

for (const name of ['prompt', 'max_age', 'acr_values', 'id_token_hint'])
  test(`${name} is refused in sessionParams`, async ({ page, open }) => {
    await open(page)
    expect(await tryLogin(page, { [name]: '1' })).toMatchObject({ code: 'config_invalid' })
  })

for (const hint of ['alice', 'alice@example.com'])
  test(`a login_hint of ${hint} goes with every silent request of alice`, async ({
    page,
    pair,
    logIn,
    open,
  }) => {
    const login = { authorizationParams: { login_hint: hint } }
    await logIn(page, {}, { login })
    await open(page)
    expect(await start(page)).toBe('authenticated')
    expect(lastAsked(pair)).toMatchObject({ login_hint: hint, prompt: 'none' })
  })

test('a login_hint that names somebody else than the one who has logged in is not kept', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, {}, { login: { authorizationParams: { login_hint: 'bob@example.com' } } })
  await renew(page)
  expect(lastAsked(pair)).not.toHaveProperty('login_hint')
})
