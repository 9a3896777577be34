import { createServerClock } from '../../src/protocol/server-clock.ts'
import { expect, test } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { createServerSource, type ServerSourceOptions } from '../../src/protocol/server-source.ts'
import { issuer, outcome, serverMetadata } from '../support/protocol-exchange.ts'
import { requestsOf } from '../support/protocol-login.ts'

const setUp = ({ fetch, ...changes }: Readonly<Record<string, unknown>> = {}) => {
  const server = createAuthorizationServer({ issuer })
  const send = createBoundedFetch(
    (fetch as typeof server.fetch | undefined) ?? server.fetch,
    10_000,
  )
  const options = { issuer, idTokenSignature: 'verify', ...changes } as ServerSourceOptions
  return {
    server,
    source: createServerSource(
      options,
      send,
      () => performance.now(),
      createServerClock(() => {}),
    ),
  }
}

test('asks nothing before it is asked', () => {
  const { server } = setUp()
  expect(requestsOf(server)).toEqual([])
})

// covers fault:metadata-ten-calls
test('asks once for ten calls at once, and not again later', async () => {
  const { server, source } = setUp()
  const found = await Promise.all(Array.from({ length: 10 }, () => source.get()))
  expect(await source.get()).toBe(found[0])
  expect(requestsOf(server)).toEqual(['discovery'])
})

// covers fault:metadata-unreachable
test('shares a failure with the calls at once, but does not remember it', async () => {
  const { server, source } = setUp()
  server.control.addFault({ endpoint: 'discovery', name: 'status', status: 503, times: 1 })
  const calls = Array.from({ length: 10 }, () => outcome(source.get()))
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['discovery_failed']))
  expect(requestsOf(server)).toEqual(['discovery'])
  await expect(source.get()).resolves.toMatchObject({ metadata: { issuer } })
  expect(requestsOf(server)).toEqual(['discovery', 'discovery'])
})

// covers fault:metadata-unreachable
test('asks past the HTTP cache after a failure: what failed may lie there', async () => {
  const seen: unknown[] = []
  const { server, source } = setUp({
    fetch: (url: string, init?: RequestInit) => {
      seen.push(init?.cache)
      return server.fetch(url, init)
    },
  })
  server.control.addFault({ endpoint: 'discovery', name: 'drop', times: 1 })
  server.control.addFault({ endpoint: 'jwks', name: 'drop', times: 1 })
  expect(await outcome(source.get())).toBe('discovery_failed')
  const { keys } = await source.get()
  await keys?.get()
  expect(seen).toEqual([undefined, 'reload', undefined, 'reload'])
})

test('does not remember unusable metadata either', async () => {
  const { server, source } = setUp()
  const set = { issuer: 'https://evil.example' }
  server.control.addFault({ endpoint: 'discovery', name: 'metadata', set, times: 1 })
  expect(await outcome(source.get())).toBe('discovery_invalid/issuer')
  await expect(source.get()).resolves.toBeDefined()
})

test('takes static metadata and keys without a request', async () => {
  const jwks = { keys: [] }
  const { server, source } = setUp({ metadata: serverMetadata, jwks })
  const { metadata, keys } = await source.get()
  expect(metadata).toMatchObject(serverMetadata)
  expect(await keys?.get()).toBe(jwks)
  expect(requestsOf(server)).toEqual([])
})

test('gets the metadata from a URL of its own', async () => {
  const { server, source } = setUp({
    metadata: `${issuer}/.well-known/oauth-authorization-server`,
  })
  await source.get()
  expect(server.control.requests()[0]?.path).toBe('/.well-known/oauth-authorization-server')
})

test('asks for no key endpoint where the signature is left to TLS', async () => {
  const { jwks_uri, ...metadata } = serverMetadata
  expect(jwks_uri).toBeDefined()
  const { source } = setUp({ metadata, idTokenSignature: 'tls' })
  expect((await source.get()).keys).toBeUndefined()
  expect(await outcome(setUp({ metadata }).source.get())).toBe('discovery_invalid/endpoint')
})

test.each(['Verify', 'none', '', null, false])(
  'verifies signatures although idTokenSignature is %j: only one word says no',
  async (idTokenSignature) => {
    const { source } = setUp({ idTokenSignature })
    expect((await source.get()).keys).toBeDefined()
  },
)

test('tells what is in hand without asking for it, and calls back once it is', async () => {
  const { server, source } = setUp()
  const told: unknown[] = []
  source.whenInHand(() => told.push(source.inHand))
  expect(source.inHand).toBeUndefined()
  expect(requestsOf(server)).toEqual([])
  server.control.addFault({ endpoint: 'discovery', name: 'drop', times: 1 })
  await outcome(source.get())
  expect(told).toEqual([])
  const found = await source.get()
  expect(told).toEqual([found])
  source.whenInHand(() => told.push('at once'))
  expect(told).toEqual([found, 'at once'])
})

/** Which requests went past the HTTP cache, by the end of their paths. */
function watchCache(server: ReturnType<typeof setUp>['server']) {
  const asked: string[] = []
  const fetch: typeof server.fetch = (url, init) => {
    const path = new URL(String(url)).pathname
    asked.push(`${path.slice(path.lastIndexOf('/') + 1)} ${init?.cache}`)
    return server.fetch(url, init)
  }
  return { asked, fetch }
}

test.each([
  [true, undefined],
  [false, { endpoint: 'discovery', name: 'drop' } as const],
  [false, { endpoint: 'discovery', name: 'status', status: 503 } as const],
])('a server is there: %s, by its metadata past the HTTP cache', async (isThere, fault) => {
  const { server } = setUp()
  const { asked, fetch } = watchCache(server)
  const { source } = setUp({ fetch })
  if (fault) server.control.addFault(fault)
  expect(await source.isReachable()).toBe(isThere)
  expect(asked).toEqual(['openid-configuration no-store'])
})

test('a server that has no keys is there if its metadata are', async () => {
  const { jwks_uri: _, ...metadata } = serverMetadata
  const { source } = setUp({ fetch: async () => Response.json(metadata) })
  expect(await source.isReachable()).toBe(true)
})

test.each([
  [true, undefined],
  [false, { endpoint: 'jwks', name: 'drop' } as const],
  [false, { endpoint: 'jwks', name: 'html' } as const],
])('a server of static metadata is there: %s, by its keys', async (isThere, fault) => {
  const { server } = setUp()
  const { asked, fetch } = watchCache(server)
  const { source } = setUp({ fetch, metadata: serverMetadata })
  await source.get()
  asked.length = 0
  if (fault) server.control.addFault(fault)
  expect(await source.isReachable()).toBe(isThere)
  expect(asked).toEqual(['jwks no-store'])
})

test('a server of static metadata without keys, or that are not in hand, cannot be asked', async () => {
  const early = setUp({ metadata: serverMetadata }).source
  expect(await early.isReachable()).toBe(false)
  const { jwks_uri: _, ...metadata } = serverMetadata
  const { source } = setUp({ metadata, idTokenSignature: 'tls' })
  await source.get()
  expect(await source.isReachable()).toBe(false)
})
