// Who a session is of: a user is pinned until a person decides otherwise.
// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage, type TestClient } from '../support/flow-client.ts'

beforeEach(preparePage)

const bob = { claims: { sub: 'bob' } }

async function meetBob({ auth, renewal }: TestClient): Promise<void> {
  renewal.answers.push(bob)
  await auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
}

/**
 * A renewal that stays under way while others are answered; what is given back ends it, and it must
 * have come too late.
 */
async function beginRenewal({ auth, renewal }: TestClient): Promise<() => Promise<void>> {
  const release = renewal.hold()
  const call = auth.getTokenSilently({ scope: 'orders' })
  const outcome = expect(call).rejects.toMatchObject({ code: 'user_changed' })
  await passTime(1)
  renewal.hold()()
  return () => {
    release()
    return outcome
  }
}

// covers threat:injected-code spec:another-user
test('refuses another user who comes back silently, and drops the tokens of the first', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  renewal.answers.push(bob)
  await expect(auth.getTokenSilently({ cacheMode: 'off' })).rejects.toMatchObject({
    code: 'user_changed',
  })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
})

test('refuses silently until a person decides, without asking the server', async () => {
  const page = createClient()
  const { auth, renewal } = page
  await auth.getTokenSilently()
  await meetBob(page)
  for (const call of [{}, { cacheMode: 'off' }, { scope: 'orders' }] as const)
    await expect(auth.getTokenSilently(call)).rejects.toMatchObject({ code: 'user_changed' })
  expect(renewal.requests).toHaveLength(2)
})

test('a renewal for the old user that another user has overtaken is discarded', async () => {
  const page = createClient()
  const { auth } = page
  await auth.getTokenSilently()
  const end = await beginRenewal(page)
  await meetBob(page)
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  await end()
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  expect(await auth.getTokenSilently({ scope: 'orders', cacheMode: 'cache-only' })).toBeUndefined()
})

test('a login of the person after user_changed works for the new user', async () => {
  const page = createClient()
  const { auth, logIn } = page
  await auth.getTokenSilently()
  await meetBob(page)
  await logIn('bob')
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
})

test('a login of the person after user_changed works for the old user', async () => {
  const page = createClient()
  const { auth, logIn } = page
  await auth.getTokenSilently()
  await meetBob(page)
  await logIn('alice')
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  await expect(auth.getTokenSilently({ cacheMode: 'off' })).resolves.toBeTypeOf('string')
})

test('a renewal that was begun before such a login cannot end it', async () => {
  const page = createClient()
  const { auth, renewal, logIn } = page
  await auth.getTokenSilently()
  renewal.answers.push(bob)
  const end = await beginRenewal(page)
  await meetBob(page)
  await logIn('alice')
  await end()
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
})

test('a login as another user clears every token of the old one', async () => {
  const { auth, logIn } = createClient()
  await auth.getTokenSilently({ scope: 'orders' })
  await logIn('bob')
  const old = auth.getTokenSilently({ scope: 'orders', cacheMode: 'cache-only' })
  expect(await old).toBeUndefined()
  expect(await auth.getUser()).toMatchObject({ sub: 'bob' })
})

test('a login as the same user keeps the tokens', async () => {
  const { auth, logIn } = createClient()
  const token = await auth.getTokenSilently({ scope: 'orders' })
  await logIn('alice')
  expect(await auth.getTokenSilently({ scope: 'orders' })).toBe(token)
})

test.each([
  ['both have', true, true],
  ['the first has', true, false],
  ['the second has', false, true],
])(
  'a response that two clients of one page handle signs both in, where %s somebody else',
  async (_who, ...haveOthers) => {
    const one = new Map()
    const page = createClient({}, { page: one })
    const pages = [page, createClient({}, { page: one, server: page.server })]
    for (const [index, { auth }] of pages.entries())
      if (haveOthers[index]) await auth.getTokenSilently()
    await page.auth.loginWithRedirect()
    const url = page.answer('bob')
    await Promise.all(pages.map(({ auth }) => auth.handleRedirectCallback({ url })))
    await passTime(1)
    for (const { auth } of pages) expect(auth.getSnapshot()).toMatchObject({ user: { sub: 'bob' } })
  },
)

test('a logout ends a response for both clients of a page', async () => {
  const one = new Map()
  const page = createClient({}, { page: one })
  const pages = [page, createClient({}, { page: one, server: page.server })]
  await page.auth.loginWithRedirect()
  page.server.control.setLatency({ endpoint: 'token', ms: 100 })
  const url = page.answer('bob')
  const calls = Promise.allSettled(pages.map(({ auth }) => auth.handleRedirectCallback({ url })))
  await passTime(10)
  await page.auth.logout({ localOnly: true })
  await passTime(200)
  const reason = { code: 'logged_out' }
  expect(await calls).toMatchObject([{ reason }, { reason }])
})

test('a login is not ended by the answer to what was asked before it', async () => {
  const page = createClient()
  const { auth, renewal } = page
  const release = renewal.hold()
  const started = auth.start()
  await passTime(1)
  // As in a popup, while a slow server is still asked who is signed in.
  await page.logIn('bob')
  release()
  expect(await started).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  expect(renewal.requests).toHaveLength(1)
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeTypeOf('string')
  expect(auth.getSnapshot()).toMatchObject({ user: { sub: 'bob' } })
})
