// In Node's own environment: the requests of happy-dom do not lose their body when they are sent.
import { createAuthFetch, type AuthSnapshot } from 'sotto'
import { fakeAuth } from 'sotto/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { API, stubPage } from '../support/api-client.ts'

beforeEach(stubPage)
afterEach(() => vi.useRealTimers())

const refused = () => new Response('expired', { status: 401 })

/** An API that refuses a token once, while a user logs in again. */
function createMeanwhile(sub: string, tenant = 'one') {
  const userOf = (iss: string, subject: string) => ({ iss, sub: subject })
  const auth = fakeAuth({ user: userOf('one', 'alice') })
  const seen: string[] = []
  const authFetch = createAuthFetch(auth, {
    allowedOrigins: [API],
    fetch: async (input) => {
      seen.push(await (input as Request).text())
      auth.show({ status: 'authenticated', user: userOf(tenant, sub) })
      return seen.length === 1 ? refused() : new Response('done')
    },
  })
  return { seen, pay: () => authFetch(`${API}/pay`, { method: 'POST', body: 'from alice' }) }
}

test('what one user has asked for is not sent as another who has logged in meanwhile', async () => {
  const { seen, pay } = createMeanwhile('bob')
  await expect(pay()).rejects.toMatchObject({ code: 'user_changed' })
  expect(seen).toEqual(['from alice'])
})

test('nor as one whom another tenant calls the same', async () => {
  const { seen, pay } = createMeanwhile('alice', 'two')
  await expect(pay()).rejects.toMatchObject({ code: 'user_changed' })
  expect(seen).toEqual(['from alice'])
})

test('the same user may log in again while a request is under way', async () => {
  const { seen, pay } = createMeanwhile('alice')
  expect((await pay()).status).toBe(200)
  expect(seen).toHaveLength(2)
})

/** An API that is open to all, and busy at first, while somebody comes or goes. */
function createBusy(before: AuthSnapshot, after: AuthSnapshot) {
  const auth = fakeAuth()
  auth.show(before)
  const seen: (string | null)[] = []
  const authFetch = createAuthFetch(auth, {
    allowedOrigins: [API],
    anonymous: 'send',
    fetch: async (input) => {
      seen.push((input as Request).headers.get('authorization'))
      auth.show(after)
      const busy = { status: 429, headers: { 'retry-after': '1' } }
      return seen.length === 1 ? new Response('busy', busy) : new Response('done')
    },
  })
  return { seen, ask: () => authFetch(`${API}/catalogue`) }
}

const alice: AuthSnapshot = { status: 'authenticated', user: { iss: 'one', sub: 'alice' } }
const nobody: AuthSnapshot = { status: 'anonymous' }

test.each([
  ['of nobody is sent for who has logged in meanwhile', nobody, alice, [null, 'token']],
  ['of somebody is sent for nobody after a logout', alice, nobody, ['token', null]],
])('a request that is open to all and %s', async (_what, before, after, expected) => {
  const { seen, ask } = createBusy(before, after)
  vi.useFakeTimers()
  const asked = ask()
  await vi.advanceTimersByTimeAsync(1000)
  expect((await asked).status).toBe(200)
  expect(seen.map((sent) => sent && 'token')).toEqual(expected)
})
