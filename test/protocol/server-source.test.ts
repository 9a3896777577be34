import { expect, test } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import { createContext, type ClientContext } from '../../src/client/context.ts'
import { resolveOptions } from '../../src/client/options.ts'
import { issuer, outcome, serverMetadata } from '../support/protocol-exchange.ts'
import { requestsOf } from '../support/protocol-login.ts'

const setUp = (changes: Readonly<Record<string, unknown>> = {}) => {
  const server = createAuthorizationServer({ issuer })
  const options = {
    issuer,
    clientId: 'app',
    redirectUri: '/callback',
    fetch: server.fetch,
    ...changes,
  }
  const handlers = { onLogout: () => {}, onLogin: () => {} } as never
  const context: ClientContext = createContext(resolveOptions(options), handlers)
  return { server, context }
}

test('asks nothing before it is asked', () => {
  const { server } = setUp()
  expect(requestsOf(server)).toEqual([])
})

// covers fault:metadata-ten-calls
test('asks once for ten calls at once, and not again later', async () => {
  const { server, context } = setUp()
  const found = await Promise.all(Array.from({ length: 10 }, () => context.getServer()))
  expect(await context.getServer()).toBe(found[0])
  expect(requestsOf(server)).toEqual(['discovery'])
})

// covers fault:metadata-unreachable
test('shares a failure with the calls at once, but does not remember it', async () => {
  const { server, context } = setUp()
  server.control.addFault({ endpoint: 'discovery', name: 'status', status: 503, times: 1 })
  const calls = Array.from({ length: 10 }, () => outcome(context.getServer()))
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['discovery_failed']))
  expect(requestsOf(server)).toEqual(['discovery'])
  await expect(context.getServer()).resolves.toMatchObject({ metadata: { issuer } })
  expect(requestsOf(server)).toEqual(['discovery', 'discovery'])
})

// covers fault:metadata-unreachable
test('asks past the HTTP cache after a failure: what failed may lie there', async () => {
  const seen: unknown[] = []
  const { server, context } = setUp({
    fetch: (url: string, init?: RequestInit) => {
      seen.push(init?.cache)
      return server.fetch(url, init)
    },
  })
  server.control.addFault({ endpoint: 'discovery', name: 'drop', times: 1 })
  server.control.addFault({ endpoint: 'jwks', name: 'drop', times: 1 })
  expect(await outcome(context.getServer())).toBe('discovery_failed')
  const { keys } = await context.getServer()
  await keys?.get()
  expect(seen).toEqual([undefined, 'reload', undefined, 'reload'])
})

test('does not remember unusable metadata either', async () => {
  const { server, context } = setUp()
  const set = { issuer: 'https://evil.example' }
  server.control.addFault({ endpoint: 'discovery', name: 'metadata', set, times: 1 })
  expect(await outcome(context.getServer())).toBe('discovery_invalid/issuer')
  await expect(context.getServer()).resolves.toBeDefined()
})

test('takes static metadata and keys without a request', async () => {
  const jwks = { keys: [] }
  const { server, context } = setUp({ metadata: serverMetadata, jwks })
  const { metadata, keys } = await context.getServer()
  expect(metadata).toMatchObject(serverMetadata)
  expect(await keys?.get()).toBe(jwks)
  expect(requestsOf(server)).toEqual([])
})

test('gets the metadata from a URL of its own', async () => {
  const { server, context } = setUp({
    metadata: `${issuer}/.well-known/oauth-authorization-server`,
  })
  await context.getServer()
  expect(server.control.requests()[0]?.path).toBe('/.well-known/oauth-authorization-server')
})

test('asks for no key endpoint where the signature is left to TLS', async () => {
  const { jwks_uri, ...metadata } = serverMetadata
  expect(jwks_uri).toBeDefined()
  const { context } = setUp({ metadata, idTokenSignature: 'tls' })
  expect((await context.getServer()).keys).toBeUndefined()
  expect(await outcome(setUp({ metadata }).context.getServer())).toBe('discovery_invalid/endpoint')
})

test.each(['Verify', 'none', '', null, false])(
  'verifies signatures although idTokenSignature is %j: only one word says no',
  async (idTokenSignature) => {
    const { context } = setUp({ idTokenSignature })
    expect((await context.getServer()).keys).toBeDefined()
  },
)
