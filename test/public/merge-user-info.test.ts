// @vitest-environment happy-dom
// The option `userInfo`: for servers that put name and e-mail into the UserInfo answer only.
import { mergeUserInfo, refreshToken, silentRedirect, type AuthWarning } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import {
  createClient,
  passTime,
  preparePage,
  reload,
  type TestClient,
  type TestOptions,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, createTokenSet } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'
import { withPollution } from '../support/polluted-prototype.ts'

beforeEach(preparePage)

const options = { userInfo: mergeUserInfo(), scope: 'openid offline_access' }

/** A client whose server says some things of a user in the UserInfo answer only. */
function createUserInfoClient(
  set: Readonly<Record<string, string>> = { department: 'Tea' },
  more: TestOptions = {},
): TestClient {
  const page = createClient({ ...options, ...more })
  page.server.control.addFault({ endpoint: 'userinfo', name: 'userinfoResponse', set })
  return page
}

const asked = ({ server }: TestClient): number =>
  server.control.requests({ endpoint: 'userinfo' }).length

test('after a login the user has the claims of the UserInfo endpoint too', async () => {
  const page = createUserInfoClient()
  await page.logIn()
  expect(await page.auth.getUser()).toMatchObject({ sub: 'alice', department: 'Tea' })
  expect(Object.isFrozen(await page.auth.getUser())).toBe(true)
  const { claims } = (await page.auth.getIdToken())!
  expect(claims).not.toHaveProperty('department')
  expect(asked(page)).toBe(1)
})

// covers spec:user-info-below-id-token
test('what the ID token says counts, because it is signed', async () => {
  const page = createUserInfoClient({ iss: 'https://evil.example', name: 'Mallory' })
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set: { name: 'Alice' } })
  await page.logIn()
  expect(await page.auth.getUser()).toMatchObject({ name: 'Alice', iss: page.server.issuer })
})

// covers spec:user-info-sub
test.each([
  ['answers for another user', { sub: 'bob', department: 'Tea' }, 'userinfo_invalid'],
  ['is out of order', undefined, 'server_error'],
] as const)('where the endpoint %s, the login goes on without it', async (_, set, code) => {
  const page = createClient(options)
  if (set) page.server.control.addFault({ endpoint: 'userinfo', name: 'userinfoResponse', set })
  else page.server.control.addFault({ endpoint: 'userinfo', name: 'status', status: 503 })
  await page.logIn()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
  expect(await page.auth.getUser()).not.toHaveProperty('department')
  expect(page.warnings).toEqual<AuthWarning[]>([{ code, reason: 'userInfo' }])
})

test('a source of the app that throws anything harms no login', async () => {
  const page = createClient({
    userInfo: () => {
      throw new TypeError('a bug of the app')
    },
  })
  await page.logIn()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
  expect(page.warnings).toEqual([{ code: 'userinfo_invalid', reason: 'userInfo' }])
})

test('a renewal does not ask again, and keeps what is known', async () => {
  const page = createUserInfoClient(undefined, { renewal: [refreshToken()] })
  await page.logIn()
  await page.auth.getTokenSilently({ cacheMode: 'off' })
  expect(await page.auth.getUser()).toMatchObject({ department: 'Tea' })
  expect(asked(page)).toBe(1)
})

test('a page that has nothing stored asks once', async () => {
  const page = createClient({
    renewal: [createRenewal().strategy],
    userInfo: async () => ({ department: 'Tea' }),
  })
  expect(await page.auth.start()).toMatchObject({ user: { department: 'Tea' } })
})

test('a stored session has it, without a request', async () => {
  const tokenStorage = createSharedStorage()
  const page = createUserInfoClient(undefined, { tokenStorage })
  await page.logIn()
  const next = reload(page, { ...options, tokenStorage })
  expect(await next.auth.start()).toMatchObject({ user: { department: 'Tea' } })
  expect(asked(next)).toBe(1)
})

test('a page that asks the server with the whole page does not ask for what is stored', async () => {
  const tokenStorage = createSharedStorage()
  const more = { tokenStorage, renewal: [silentRedirect()] }
  let page = createUserInfoClient(undefined, more)
  await page.logIn()
  await passTime(400_000)
  page = reload(page, { ...options, ...more })
  await page.auth.start()
  history.replaceState(null, '', page.answer('alice'))
  page = reload(page, { ...options, ...more })
  expect(await page.auth.start()).toMatchObject({ user: { department: 'Tea' } })
  expect(asked(page)).toBe(1)
})

test('another user who logs in has nothing of the one before', async () => {
  let count = 0
  const page = createClient({
    userInfo: async () => (count++ ? {} : { department: 'Tea' }),
  })
  await page.logIn('alice')
  await page.logIn('bob')
  expect(await page.auth.getUser()).toMatchObject({ sub: 'bob' })
  expect(await page.auth.getUser()).not.toHaveProperty('department')
})

test('the schema of the app is given the claims of both', async () => {
  const claims = z.object({ department: z.string() })
  const page = createClient({ ...options, claims })
  const set = { department: 'Tea' }
  page.server.control.addFault({ endpoint: 'userinfo', name: 'userinfoResponse', set })
  await page.logIn()
  expect(await page.auth.getUser()).toMatchObject({ department: 'Tea' })
})

test.each(named(['text', 1, {}]))('refuses %s as the option userInfo', (_, userInfo) => {
  expect(() => createClient({ userInfo: userInfo as never })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'userInfo' }),
  )
})

// covers threat:polluted-prototype
test('what somebody put on Object.prototype is known of no user', async () => {
  const page = createClient({
    renewal: [async () => ({ tokens: createTokenSet() })],
    tokenStorage: createSharedStorage(),
  })
  await withPollution({ userInfo: { department: 'Evil' } }, async () => {
    await page.auth.start()
    await page.auth.getTokenSilently({ cacheMode: 'off' })
    await passTime(1)
  })
  expect(await page.auth.getUser()).not.toHaveProperty('department')
})
