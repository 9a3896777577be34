import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import { authFixtures, type AuthFixturesOptions } from '../../src/testing/playwright.ts'

type WorkerFixture = (
  fixtures: object,
  use: (server: unknown) => Promise<void>,
  worker: { readonly parallelIndex: number },
) => Promise<void>

/** What Playwright does with it: the rest runs there, in e2e/playwright-fixtures.spec.ts. */
function begin(fixtures: object): Promise<void> {
  const [fixture] = (fixtures as { authServerOfWorker: [WorkerFixture] }).authServerOfWorker
  return fixture({}, async () => {}, { parallelIndex: 2 })
}

test('says what to do where another worker has the port', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const used: number[] = []
  const fixtures = authFixtures({
    port: (worker) => {
      used.push(worker)
      return port
    },
  })
  await expect(begin(fixtures)).rejects.toThrow(
    `authFixtures: port ${port} is taken, perhaps by another worker: set \`workers: 1\``,
  )
  expect(used).toEqual([2])
  await new Promise((resolve) => other.close(resolve))
})

test('passes on any other reason', async () => {
  await expect(
    begin(authFixtures({ port: 70_000, issuer: 'http://localhost:4001' })),
  ).rejects.toThrow(RangeError)
})

type SignInFixture = (
  fixtures: object,
  use: (signIn: () => Promise<void>) => Promise<void>,
) => Promise<void>

test.each<[string, AuthFixturesOptions['cookies'], object]>([
  ['http://localhost:4001', undefined, { sameSite: 'Lax', secure: false }],
  ['https://login.example.com', undefined, { sameSite: 'None', secure: true }],
  ['http://localhost:4001', { sameSite: 'None', secure: true }, { sameSite: 'None', secure: true }],
])('a session at %s has the cookie of the server: %o', async (issuer, cookies, expected) => {
  const options = cookies && { cookies }
  const authServer = createAuthorizationServer({ issuer, ...options })
  const context = { addCookies: vi.fn() }
  const fixtures = authFixtures({ port: 4001, issuer, ...options })
  const { signIn } = fixtures as unknown as { readonly signIn: SignInFixture }
  await signIn({ context, authServer }, async (begin) => begin())
  const [name] = authServer.control.signIn({ user: 'alice' }).cookie.split('=')
  expect(context.addCookies).toHaveBeenCalledExactlyOnceWith([
    expect.objectContaining({ ...expected, name, url: issuer, httpOnly: true }),
  ])
})

test('a session has the cookie that the page of check_session_iframe reads, too', async () => {
  const issuer = 'http://localhost:4001'
  const authServer = createAuthorizationServer({ issuer, checkSessionFrame: true })
  const { headers } = await authServer.fetch(`${issuer}/control/login?user=alice`)
  const given = headers.getSetCookie().map((cookie) => ({
    name: cookie.split('=')[0],
    httpOnly: cookie.includes('HttpOnly'),
  }))
  const context = { addCookies: vi.fn() }
  const { signIn } = authFixtures({ port: 4001 }) as unknown as { readonly signIn: SignInFixture }
  await signIn({ context, authServer }, async (begin) => begin())
  expect(given).toHaveLength(2)
  expect(context.addCookies).toHaveBeenCalledExactlyOnceWith(
    given.map((one) => expect.objectContaining(one) as object),
  )
})
