// A callback that fails, or comes once more, says nothing about the session; `onCallback` is told,
// and leads away from the page.
import type { Page } from '@playwright/test'
import {
  expect,
  type Said,
  snapshotOf,
  start,
  startListening,
  test,
} from './support/said-client.ts'
import type { Pair } from './support/serve.ts'

const PLACE = '/orders?page=2#third'

/** Sends the user who is there to log in again, and presses Cancel. */
async function refuseStepUp(page: Page): Promise<void> {
  await page.evaluate(
    () => void auth.loginWithRedirect({ maxAge: 0, acrValues: '2', appState: { cart: 3 } }),
  )
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL(/\/callback\?/)
}

const STORED: Said = { storage: 'IndexedDB' }

for (const said of [{}, STORED]) {
  const where = said.storage ?? 'memory'

  test(`a step-up that the user refuses leaves them signed in, with ${where}`, async ({
    page,
    logIn,
    make,
  }) => {
    await logIn(page, said, { path: PLACE })
    await refuseStepUp(page)
    await make(page, said)
    expect(await start(page)).toBe('authenticated')
    expect(await page.evaluate(() => auth.getUser())).toMatchObject({ sub: 'alice' })
  })

  test(`a step-up that the user refuses is told to onCallback, with ${where}`, async ({
    page,
    pair,
    logIn,
    make,
  }) => {
    await logIn(page, said, { path: PLACE })
    await refuseStepUp(page)
    await make(page, said)
    await startListening(page)
    expect(await page.evaluate(() => callbacks)).toMatchObject([
      {
        path: PLACE,
        returnTo: pair.app.origin + PLACE,
        appState: { cart: 3 },
        error: { code: 'access_denied' },
      },
    ])
  })

  test(`a step-up that the user refuses leads back to where it was begun, with ${where}`, async ({
    page,
    pair,
    logIn,
    make,
  }) => {
    await logIn(page, said, { path: PLACE })
    await refuseStepUp(page)
    await make(page, said)
    await start(page)
    await expect.poll(() => page.url()).toBe(pair.app.origin + PLACE)
  })
}

test('a router hears of the way back by popstate, and keeps its history state', async ({
  page,
  logIn,
  make,
}) => {
  await logIn(page, {}, { path: PLACE })
  await refuseStepUp(page)
  await make(page)
  const heard = await page.evaluate(async () => {
    const places: string[] = []
    history.replaceState({ idx: 7 }, '')
    addEventListener('popstate', () => places.push(location.pathname))
    await auth.start()
    return { places, state: history.state as unknown }
  })
  expect(heard).toEqual({ places: ['/orders'], state: { idx: 7 } })
})

test('a login that the user refuses is an error where nobody is signed in', async ({
  page,
  open,
  make,
}) => {
  await open(page, {}, PLACE)
  await page.evaluate(() => void auth.loginWithRedirect({ appState: 'mine' }))
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL(/\/callback\?/)
  await make(page)
  await startListening(page)
  expect(await snapshotOf(page)).toEqual({ status: 'error', code: 'access_denied' })
  expect(await page.evaluate(() => callbacks)).toMatchObject([
    { path: PLACE, appState: 'mine', error: { code: 'access_denied' } },
  ])
})

/** The tag of this client's logins, which is no secret: it is in every authorization request. */
async function readTag(page: Page, { control }: Pair): Promise<string> {
  await page.evaluate(() => void auth.loginWithRedirect())
  await expect(page.getByLabel('User name')).toBeVisible()
  const { parameters } = control.requests({ endpoint: 'authorize' }).at(-1)!
  return parameters['state']?.split('.')[0] ?? ''
}

const FORGERIES: readonly (readonly [what: string, forge: (state: string) => string])[] = [
  ['state twice', (state) => `code=x&state=${state}&state=${state}`],
  ['a token in it', (state) => `code=x&state=${state}&access_token=y`],
  ['nine kilobytes', (state) => `code=${'x'.repeat(9000)}&state=${state}`],
  ['an error', (state) => `error=access_denied&state=${state}`],
  ['a state that nobody waits for', (state) => `code=x&state=${state}`],
]

for (const [what, forge] of FORGERIES) {
  test(`a forged answer with ${what} leaves the user signed in`, async ({
    page,
    pair,
    addSession,
    open,
  }) => {
    await open(page)
    const tag = await readTag(page, pair)
    await addSession()
    await open(page, {}, `/callback?${forge(`${tag}.${'A'.repeat(43)}`)}`)
    expect(await start(page)).toBe('authenticated')
  })

  test(`a forged answer with ${what} is no error where nobody is signed in`, async ({
    page,
    pair,
    open,
  }) => {
    await open(page)
    const tag = await readTag(page, pair)
    await open(page, {}, `/callback?${forge(`${tag}.${'A'.repeat(43)}`)}`)
    await start(page)
    expect(await snapshotOf(page)).toEqual({ status: 'anonymous' })
    expect(page.url()).not.toContain(tag)
  })
}

/** Logs in at a place; gives the address of the callback. */
async function finishLogin(
  page: Page,
  {
    open,
    make,
    signIn,
  }: Pick<Parameters<Parameters<typeof test>[2]>[0], 'open' | 'make' | 'signIn'>,
): Promise<string> {
  await open(page, {}, PLACE)
  await page.evaluate(() => void auth.loginWithRedirect({ appState: 'mine' }))
  await signIn(page)
  await page.waitForURL(/\/callback\?/)
  const callback = page.url()
  await make(page)
  expect(await start(page)).toBe('authenticated')
  return callback
}

test('a finished callback that comes once more leads where its login led', async ({
  page,
  pair,
  open,
  make,
  signIn,
}) => {
  const callback = await finishLogin(page, { open, make, signIn })
  await open(page, {}, callback)
  expect(await start(page)).toBe('authenticated')
  await expect.poll(() => page.url()).toBe(pair.app.origin + PLACE)
})

test('a finished callback that comes once more is told to onCallback with its path', async ({
  page,
  open,
  make,
  signIn,
}) => {
  const callback = await finishLogin(page, { open, make, signIn })
  await open(page, {}, callback)
  await startListening(page)
  expect(await page.evaluate(() => callbacks)).toMatchObject([{ path: PLACE }])
})

test('a finished callback that comes in another tab leaves the code behind, and leads to /', async ({
  page,
  context,
  open,
  make,
  signIn,
}) => {
  const callback = await finishLogin(page, { open, make, signIn })
  const other = await context.newPage()
  await open(other, {}, callback)
  expect(await startListening(other)).toBe('authenticated')
  expect(await other.evaluate(() => callbacks)).toMatchObject([{ path: '/' }])
  expect(other.url()).not.toContain('code=')
})

test('a repeated callback sends its code no second time', async ({
  page,
  pair,
  open,
  make,
  signIn,
}) => {
  const callback = await finishLogin(page, { open, make, signIn })
  await open(page, {}, callback)
  await start(page)
  const codes = pair.control
    .requests({ endpoint: 'token' })
    .map(({ parameters }) => parameters['code'])
  expect(new Set(codes).size).toBe(codes.length)
})

test('start does not wait for what onCallback does', async ({ page, open, make, signIn }) => {
  await open(page, {}, PLACE)
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await page.waitForURL(/\/callback\?/)
  await make(page)
  const status = await page.evaluate(
    async () => (await auth.start({ onCallback: () => new Promise(() => {}) })).status,
  )
  expect(status).toBe('authenticated')
})

for (const how of ['throws', 'rejects'] as const)
  test(`an onCallback that ${how} is a warning`, async ({ page, open, make, signIn }) => {
    await open(page, {}, PLACE)
    await page.evaluate(() => void auth.loginWithRedirect())
    await signIn(page)
    await page.waitForURL(/\/callback\?/)
    await make(page)
    const status = await page.evaluate(async (name) => {
      const onCallback = (): Promise<void> => {
        if (name === 'throws') throw new Error('the router')
        return Promise.reject(new Error('the router'))
      }
      return (await auth.start({ onCallback })).status
    }, how)
    expect(status).toBe('authenticated')
    await expect.poll(() => page.evaluate(() => warnings.length)).toBe(1)
  })
