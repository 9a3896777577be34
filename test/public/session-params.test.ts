// @vitest-environment happy-dom
// What a session was asked for goes with every silent request: an organization, a tenant, which of
// several accounts.
import { beforeEach, expect, test, vi } from 'vitest'
import { silentRedirect, type CustomStorage, type LoginOptions } from 'sotto'
import { createClient, passTime, preparePage, reload } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const sessionParams = { organization: 'org_7' }

/** A page after such a login of alice. */
async function logInWith(login: LoginOptions = { sessionParams }) {
  const page = createClient()
  await page.logIn('alice', login)
  return page
}

/** The parameters of the silent request that the next page of the browser begins with. */
async function silentRequestAfter(page: ReturnType<typeof createClient>) {
  const next = reload(page, { renewal: [silentRedirect({ periodSeconds: 0 })] })
  await next.auth.start()
  return next.visits.at(-1)?.searchParams
}

test('a login sends them, and so does the silent request of the page after a reload', async () => {
  const page = await logInWith()
  expect(page.visits[0]?.searchParams.get('organization')).toBe('org_7')
  const silent = await silentRequestAfter(page)
  expect(silent?.get('prompt')).toBe('none')
  expect(silent?.get('organization')).toBe('org_7')
})

test.each<[string, string, LoginOptions]>([
  ['another user', 'bob', { sessionParams }],
  ['another organization', 'alice', { sessionParams: { organization: 'org_8' } }],
])('a login for %s shows nobody in between', async (_, user, login) => {
  const { auth, logIn } = await logInWith()
  const shown: string[] = []
  auth.subscribe(() => shown.push(auth.getSnapshot().status))
  await logIn(user, login)
  expect(shown).not.toContain('anonymous')
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: user } })
})

test('they are no part of what a token is kept under', async () => {
  const page = await logInWith()
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  expect(page.renewal.requests).toEqual([])
})

test('the next login repeats them, unless it brings its own; none are asked for by an empty object', async () => {
  const page = await logInWith()
  const organizationOf = async (login: LoginOptions) => {
    await page.logIn('alice', login)
    return page.visits.at(-1)?.searchParams.get('organization')
  }
  expect(await organizationOf({ acrValues: '' })).toBe('org_7')
  expect(await organizationOf({ sessionParams: { organization: 'org_8' } })).toBe('org_8')
  expect(await organizationOf({})).toBe('org_8')
  expect(await organizationOf({ sessionParams: {} })).toBeNull()
  expect(await organizationOf({})).toBeNull()
})

test('the fallback of a call repeats them, and the parameters of the call win', async () => {
  const page = await logInWith()
  const fallback = async (authorizationParams: Record<string, string>) => {
    page.renewal.answers.push(loginRequired())
    const call = { authorizationParams, cacheMode: 'off', onLoginRequired: 'redirect' } as const
    await page.auth.getTokenSilently(call).catch(() => {})
    await passTime(3001)
    return page.visits.at(-1)?.searchParams.get('organization')
  }
  expect(await fallback({ ui_locales: 'de' })).toBe('org_7')
  expect(await fallback({ organization: 'org_9' })).toBe('org_9')
})

test('a logout ends them', async () => {
  const page = await logInWith()
  await page.auth.logout({ localOnly: true })
  await page.auth.loginWithRedirect()
  expect(page.visits.at(-1)?.searchParams.has('organization')).toBe(false)
  expect(JSON.stringify(Object.entries(localStorage))).not.toContain('org_7')
})

test('a login with other ones begins a new session: the tokens of the old one are gone in all tabs', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.logIn('alice', { sessionParams })
  const other = createClient({ tokenStorage }, { server: page.server })
  await other.auth.start()
  const before = await other.auth.getTokenSilently()
  await page.logIn('alice', { sessionParams: { organization: 'org_8' } })
  await passTime(1001)
  expect(await other.auth.getTokenSilently()).not.toBe(before)
})

test('a token that waits to be stored meanwhile is none of the new session, and no storage has failed', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.logIn('alice', { sessionParams })
  const stored: Promise<void>[] = []
  const slow: CustomStorage = {
    ...tokenStorage,
    async get(key) {
      await stored[0]
      return tokenStorage.get(key)
    },
    async update(key, change) {
      await stored[0]
      await tokenStorage.set(key, change(await tokenStorage.get(key)))
    },
  }
  const other = createClient({ tokenStorage: slow }, { server: page.server })
  await other.auth.start()
  const answer = other.renewal.hold()
  const call = expect(other.auth.getTokenSilently({ audience: 'orders' })).rejects.toMatchObject({
    code: 'user_changed',
  })
  await vi.waitFor(() => expect(other.renewal.requests).toHaveLength(1))
  let store = (): void => {}
  stored.push(new Promise((resolve) => (store = resolve)))
  answer()
  await passTime(10)
  await page.logIn('alice', { sessionParams: { organization: 'org_8' } })
  // The other tab looks at it.
  const next = other.auth.getTokenSilently({ cacheMode: 'cache-only' })
  await passTime(1001)
  store()
  await call
  await next
  expect(other.warnings).toEqual([])
  expect(JSON.stringify([...tokenStorage.records.values()])).not.toContain('orders')
})

test.each(['prompt', 'max_age', 'acr_values', 'id_token_hint', 'state', 'client_id'])(
  'refuses the parameter %s, which belongs to one request',
  async (name) => {
    const page = createClient()
    await expect(
      page.auth.loginWithRedirect({ sessionParams: { [name]: '1' } }),
    ).rejects.toMatchObject({ code: 'config_invalid', reason: `sessionParams.${name}` })
    expect(page.visits).toEqual([])
  },
)

test('a login_hint is kept if it names the user who came', async () => {
  const page = await logInWith({ authorizationParams: { login_hint: 'alice' } })
  expect((await silentRequestAfter(page))?.get('login_hint')).toBe('alice')
})

test.each([
  ['that names somebody else', { authorizationParams: { login_hint: 'bob' } }],
  ['of the session that does so', { sessionParams: { login_hint: 'bob' } }],
])('a login_hint %s is not', async (_which, login) => {
  const page = await logInWith(login)
  expect((await silentRequestAfter(page))?.has('login_hint')).toBe(false)
})
