import { expect, test } from 'vitest'
import type { AuthorizationServerOptions } from 'sotto/testing'
import { authorizationUrl, createBrowser, createServer, redirected } from './support.ts'

/** alice's browser, and whether the server answers a silent request for her. */
const signedIn = async (options: Partial<AuthorizationServerOptions>) => {
  const server = createServer({ now: () => 1_700_000_000_000, ...options })
  const browser = createBrowser(server)
  await browser.logIn()
  const isSignedInAfter = async (seconds: number) => {
    server.control.advanceClock({ seconds })
    return redirected(await browser.open(authorizationUrl({ prompt: 'none' }))).has('code')
  }
  return { server, browser, isSignedInAfter }
}

test('ends a session that nobody has used for the idle time', async () => {
  const { server, isSignedInAfter } = await signedIn({ sessionIdleSeconds: 100 })
  expect(await isSignedInAfter(100)).toBe(true)
  expect(await isSignedInAfter(100)).toBe(true)
  expect(await isSignedInAfter(101)).toBe(false)
  expect(server.control.sessions()).toEqual([])
})

test('ends a session that is old, however much it is used', async () => {
  const { server, isSignedInAfter } = await signedIn({
    sessionIdleSeconds: 100,
    sessionAbsoluteSeconds: 250,
  })
  expect(await isSignedInAfter(90)).toBe(true)
  expect(await isSignedInAfter(90)).toBe(true)
  expect(await isSignedInAfter(70)).toBe(true)
  expect(await isSignedInAfter(1)).toBe(false)
  expect(server.control.sessions()).toEqual([])
})

test('counts both limits anew from a login', async () => {
  const { browser, isSignedInAfter } = await signedIn({
    sessionIdleSeconds: 100,
    sessionAbsoluteSeconds: 150,
  })
  expect(await isSignedInAfter(90)).toBe(true)
  await browser.logIn(authorizationUrl({ prompt: 'login' }))
  expect(await isSignedInAfter(90)).toBe(true)
  expect(await isSignedInAfter(60)).toBe(true)
  expect(await isSignedInAfter(1)).toBe(false)
})

test.each(['sessionIdleSeconds', 'sessionAbsoluteSeconds'])(
  'applies a new %s to sessions that are there already',
  async (limit) => {
    const { server, isSignedInAfter } = await signedIn({})
    expect(await isSignedInAfter(60)).toBe(true)
    server.control.setLives({ [limit]: 60 })
    expect(await isSignedInAfter(1)).toBe(limit === 'sessionIdleSeconds')
    expect(await isSignedInAfter(61)).toBe(false)
  },
)
