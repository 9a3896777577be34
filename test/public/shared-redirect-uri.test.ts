// @vitest-environment happy-dom
// Two issuers of a page that answer at one redirect URI: where they do not name themselves in their
// answers, nothing tells them apart.
import { beforeEach, expect, test } from 'vitest'
import type { AuthorizationServer } from 'sotto/testing'
import { createClient, createServer, preparePage, type TestClient } from '../support/flow-client.ts'
import { clientId } from '../support/flow-tokens.ts'

/** One page, with both clients in it. */
let page = new Map()

beforeEach(() => {
  preparePage()
  page = new Map()
})

interface Setting {
  readonly issuer: string
  readonly redirectUri?: string
  readonly promisesIss?: boolean
}

const ONE = 'https://login.one.example'
const TWO = 'https://login.two.example'

function open({ issuer, redirectUri = '/callback', promisesIss = false }: Setting): TestClient {
  const redirectUris = [`http://localhost:3000${redirectUri}`]
  const server: AuthorizationServer = createServer({
    issuer,
    clients: [{ clientId, redirectUris }],
  })
  const remove = ['authorization_response_iss_parameter_supported']
  if (!promisesIss) server.control.addFault({ endpoint: 'discovery', name: 'metadata', remove })
  return createClient({ issuer, redirectUri }, { server, page })
}

/** How many warnings there are once both have been used. */
async function countWarnings(...settings: readonly Setting[]): Promise<number> {
  const clients = settings.map(open)
  for (const { auth } of clients) await auth.loginWithRedirect()
  return clients.flatMap(({ warnings }) => warnings).length
}

test('warns of one redirect URI for two issuers', async () => {
  expect(await countWarnings({ issuer: ONE }, { issuer: TWO })).toBeGreaterThan(0)
})

test('warns of redirect URIs that a host may tidy to one', async () => {
  const tidied = { issuer: TWO, redirectUri: '/callback/' }
  expect(await countWarnings({ issuer: ONE }, tidied)).toBeGreaterThan(0)
})

test('warns where only one of the issuers promises to name itself', async () => {
  const promising = { issuer: TWO, promisesIss: true }
  expect(await countWarnings({ issuer: ONE }, promising)).toBeGreaterThan(0)
})

test('does not warn where both issuers promise to name themselves', async () => {
  const promisesIss = true
  const settings = [ONE, TWO].map((issuer) => ({ issuer, promisesIss }))
  expect(await countWarnings(...settings)).toBe(0)
})

test('does not warn of a redirect URI for each issuer', async () => {
  const apart = { issuer: TWO, redirectUri: '/two/callback' }
  expect(await countWarnings({ issuer: ONE }, apart)).toBe(0)
})

test('does not warn of two clients of one issuer', async () => {
  expect(await countWarnings({ issuer: ONE }, { issuer: ONE })).toBe(0)
})
