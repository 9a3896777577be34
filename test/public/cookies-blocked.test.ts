// @vitest-environment happy-dom
import { autoRenew, type RenewalStrategy } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { clientId, createTokenSet, issuer } from '../support/flow-tokens.ts'

const key = `sotto:cookies ${issuer} ${clientId}`
const reason = 'cookies_blocked_suspected'

beforeEach(preparePage)

/** A strategy that depends on the server's cookies, and what it was told. */
function createCookieStrategy(): { readonly strategy: RenewalStrategy; readonly told: unknown[] } {
  const told: unknown[] = []
  return {
    told,
    async strategy(_context, { scope }, { cookiesBlocked }) {
      told.push(cookiesBlocked)
      return cookiesBlocked ? { notPossible: reason } : { tokens: createTokenSet({ scope }) }
    },
  }
}

test('tells strategies in the background, and only there, that cookies are blocked', async () => {
  localStorage.setItem(key, 'confirmed')
  const { strategy, told } = createCookieStrategy()
  const { auth } = createClient({ renewal: [strategy] })
  expect(await auth.start()).toEqual({ status: 'anonymous', reason: 'cookies_blocked_suspected' })
  expect(told).toEqual([true])
  // At once: what nobody has asked the server is not remembered as its answer.
  expect(await auth.getTokenSilently()).toMatch(/^access-token/)
  expect(told).toEqual([true, false])
})

test('an explicit call does not join an attempt in the background that leaves cookies out', async () => {
  localStorage.setItem(key, 'confirmed')
  const { strategy } = createCookieStrategy()
  const { auth } = createClient({ renewal: [strategy] })
  const [, token] = await Promise.all([auth.start(), auth.getTokenSilently()])
  expect(token).toMatch(/^access-token/)
})

test('joins the call of a start that leaves nothing out', async () => {
  const { strategy, told } = createCookieStrategy()
  const { auth } = createClient({ renewal: [strategy] })
  await Promise.all([auth.start(), auth.getTokenSilently()])
  expect(told).toEqual([false])
})

test('tries in the background while it is only a suspicion', async () => {
  localStorage.setItem(key, 'suspected')
  const { strategy, told } = createCookieStrategy()
  const { auth } = createClient({ renewal: [strategy] })
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
  expect(told).toEqual([false])
})

test('goes on to a strategy that needs no cookies', async () => {
  localStorage.setItem(key, 'confirmed')
  const other: RenewalStrategy = async () => ({ tokens: createTokenSet() })
  const { auth } = createClient({ renewal: [createCookieStrategy().strategy, other] })
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
})

test('a login of a person begins the watch, and a logout ends it', async () => {
  const { auth, logIn } = createClient()
  expect(localStorage.getItem(key)).toBeNull()
  await logIn()
  expect(localStorage.getItem(key)).toBe('expected')
  await auth.logout({ localOnly: true })
  expect(localStorage.getItem(key)).toBeNull()
})

test('tells strategies so in a renewal ahead of time', async () => {
  const { strategy, told } = createCookieStrategy()
  const { auth } = createClient({ renewal: [strategy] })
  await auth.start()
  autoRenew(auth)
  localStorage.setItem(key, 'confirmed')
  await passTime(250_000)
  expect(told).toEqual([false, true])
})

test('tells strategies so when somebody has logged in in another tab', async () => {
  const { strategy, told } = createCookieStrategy()
  const { auth } = createClient({ renewal: [strategy] })
  await auth.start()
  localStorage.setItem(key, 'confirmed')
  const mark = `sotto:epoch ${issuer} ${clientId}`
  localStorage.setItem(mark, JSON.stringify({ generation: 'another', loggedOut: false }))
  dispatchEvent(new StorageEvent('storage', { key: mark }))
  await passTime(1000)
  expect(told).toEqual([false, true])
})
