// @vitest-environment happy-dom
// A server for many tenants: its metadata have a template for an issuer, and each ID token says
// which tenant it is of.
import { refreshToken, silentRedirect } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  reload,
  type TestClient,
  type TestOptions,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { issuer } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const template = `${issuer}/{tenantid}/v2.0`
const metadata = {
  issuer: template,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ['ES256'],
}

interface Tenant {
  readonly iss?: string
  readonly tid?: string | null
}

/** A client whose server says of the next ID tokens that they are of a tenant. */
function createTenantClient(tenant: Tenant, options: TestOptions = {}): TestClient {
  const server = createServer()
  const page = createClient({ issuer: template, metadata, ...options }, { server })
  setTenant(page, tenant)
  return page
}

/** Other responses have no `iss`. */
function setTenant({ server }: TestClient, set: Tenant): void {
  server.control.clearFaults()
  const { iss, ...rest } = { iss: `${issuer}/${String(set.tid)}/v2.0`, ...set }
  server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set: { iss, ...rest } })
  server.control.addFault({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    set: { iss: '' },
  })
}

test('users of any tenant log in', async () => {
  for (const tid of ['9188040d-6c67-4c5b-b112-36a304b66dad', 'contoso']) {
    const { auth, logIn } = createTenantClient({ tid })
    await logIn()
    expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { tid } })
  }
})

// covers spec:tenant-issuer
test.each<[string, Tenant]>([
  ['of another tenant', { tid: 'a', iss: `${issuer}/b/v2.0` }],
  ['without a tenant', { iss: `${issuer}/a/v2.0`, tid: null }],
  ['with a tenant that is a path', { tid: 'a/../b' }],
  ['with the template itself', { tid: '{tenantid}', iss: template }],
  ['of another server', { tid: 'a', iss: 'https://evil.example/a/v2.0' }],
])('refuses an ID token %s', async (_, tenant) => {
  const { auth, logIn } = createTenantClient(tenant)
  await expect(logIn()).rejects.toMatchObject({ code: 'id_token_invalid', reason: 'iss' })
  expect(auth.getSnapshot().status).not.toBe('authenticated')
})

// covers spec:tenant-issuer
test.each([
  [`${issuer}/{tenantid}/v2.0`, undefined],
  [`${issuer}/a/v2.0`, undefined],
  [`${issuer}/b/v2.0`, 'kid'],
  ['https://evil.example/{tenantid}/v2.0', 'kid'],
])('a key for the issuer %s: %s', async (keyIssuer, reason) => {
  const page = createTenantClient({ tid: 'a' })
  page.server.control.addFault({ endpoint: 'jwks', name: 'keyMembers', set: { issuer: keyIssuer } })
  const outcome = page.logIn()
  if (reason) await expect(outcome).rejects.toMatchObject({ code: 'id_token_invalid', reason })
  else await outcome
})

// covers spec:tenant-issuer
test.each([
  [`${issuer}/a/v2.0`, undefined],
  [template, 'issuer_mismatch'],
  [issuer, 'issuer_mismatch'],
])('a response that names the issuer %s: %s', async (iss, code) => {
  const page = createTenantClient({ tid: 'a' })
  page.server.control.clearFaults()
  const set = { iss: `${issuer}/a/v2.0`, tid: 'a' }
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set })
  page.server.control.addFault({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    set: { iss },
  })
  const outcome = page.logIn()
  if (code) await expect(outcome).rejects.toMatchObject({ code })
  else await outcome
})

// covers spec:tenant-user
test('the same sub of another tenant is another user', async () => {
  const silent = { renewal: [silentRedirect()] }
  const page = createTenantClient({ tid: 'a' }, silent)
  await page.logIn()
  const tokenStorage = createSharedStorage()
  const stored = createTenantClient({ tid: 'a' }, { tokenStorage, ...silent })
  await stored.logIn()
  await passTime(400_000)
  const next = reload(stored, { issuer: template, metadata, tokenStorage, ...silent })
  await next.auth.start()
  setTenant(next, { tid: 'b' })
  history.replaceState(null, '', next.answer('alice'))
  const last = reload(next, { issuer: template, metadata, tokenStorage, ...silent })
  expect(await last.auth.start()).toEqual({ status: 'anonymous', reason: 'session_ended' })
})

test('a stored session is one of its tenant', async () => {
  const tokenStorage = createSharedStorage()
  const page = createTenantClient({ tid: 'a' }, { tokenStorage })
  await page.logIn()
  const next = reload(page, { issuer: template, metadata, tokenStorage })
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated', user: { tid: 'a' } })
  expect(next.warnings).toEqual([])
})

test('a refreshed ID token is of the same tenant', async () => {
  const options = { renewal: [refreshToken()], scope: 'openid offline_access' }
  const page = createTenantClient({ tid: 'a' }, options)
  await page.logIn()
  expect(await page.auth.getTokenSilently({ cacheMode: 'off' })).toMatch(/^ey/)
  setTenant(page, { tid: 'b' })
  await expect(page.auth.getTokenSilently({ cacheMode: 'off' })).rejects.toMatchObject({
    code: expect.stringMatching(/^(user_changed|id_token_invalid)$/) as string,
  })
})

test('a template needs metadata, and theirs is the same', async () => {
  expect(() => createClient({ issuer: template })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'metadata' }),
  )
  const { auth } = createClient({ issuer: template, metadata: { ...metadata, issuer } })
  await expect(auth.loginWithRedirect()).rejects.toMatchObject({
    code: 'discovery_invalid',
    reason: 'issuer',
  })
})
