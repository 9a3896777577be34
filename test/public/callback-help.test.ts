// @vitest-environment happy-dom
// What `start` waits for at a callback may be code of the app that calls a client itself.
import { beforeEach, expect, test, vi } from 'vitest'
import type { RenewalStrategy } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createTokenSet } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** The page that the server sends the user back to, of a client that is gone. */
async function arrive() {
  const page = createClient()
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  page.auth.dispose()
  return page
}

test('a strategy that looks after a failed login may ask the client for another token', async () => {
  const { server } = await arrive()
  server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_grant' })
  const strategy: RenewalStrategy = async (_context, { audience, scope }) => {
    if (audience === 'orders') await page.auth.getTokenSilently({ audience: 'base' })
    return { tokens: createTokenSet({ scope }) }
  }
  const page = createClient({ audience: 'orders', renewal: [strategy] }, { server })
  expect(await page.auth.start()).toMatchObject({ status: 'authenticated' })
})

test('a client of another server does not wait for a login, and may help with it', async () => {
  const { server } = await arrive()
  const page = new Map()
  const other = createClient({ issuer: 'https://other.example' }, { page })
  const userInfo = async () => {
    const isKnown = await other.auth.isAuthenticated()
    return { department: isKnown || (await other.auth.getTokenSilently()) }
  }
  const { auth } = createClient({ userInfo }, { server, page })
  expect(await auth.start()).toMatchObject({ user: { department: expect.any(String) as string } })
})

test('what sends the requests of a login may ask who is signed in', async () => {
  const { server } = await arrive()
  const users: unknown[] = []
  const { auth } = createClient(
    {
      async fetch(input, init) {
        users.push(await auth.getUser(), await auth.isAuthenticated(), await auth.getIdToken())
        return server.fetch(input, init)
      },
    },
    { server },
  )
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
  expect(users).toContain(false)
})

test('a source of user information that waits for the login itself does not hold it up for ever', async () => {
  const { server } = await arrive()
  const userInfo = vi.fn(async () => ({
    name: await auth.getTokenSilently({ audience: 'people' }),
  }))
  const { auth, warnings } = createClient({ userInfo, timeoutMs: 5000 }, { server })
  const started = auth.start()
  await vi.waitFor(() => expect(userInfo).toHaveBeenCalled())
  await passTime(5000)
  expect(await started).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(warnings).toEqual([{ code: 'timeout', reason: 'userInfo' }])
})
