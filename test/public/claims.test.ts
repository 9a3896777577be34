// @vitest-environment happy-dom
// The option `claims`: a schema of the app says what a user is.
import * as v from 'valibot'
import { beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { fetchUserInfo, type ClaimsSchema } from 'sotto'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  reload,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal } from '../support/flow-tokens.ts'
import { openPage, sentBy } from '../support/refresh-client.ts'
import { membersOf } from '../support/snapshot-members.ts'

beforeEach(preparePage)

const withRoles = z.object({ roles: z.array(z.string()) })

/** A schema of no library. */
const throwTypeError = (): never => {
  throw new TypeError('A bug in the schema')
}

function createSchema(
  validate: ClaimsSchema['~standard']['validate'],
): ClaimsSchema & { '~standard': unknown } {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

const off = { cacheMode: 'off' } as const

test('the user is the claims, overlaid with what the schema makes of them', async () => {
  const claims = z.object({
    email: z.string().transform((email) => ({ address: email })),
    roles: z.array(z.string()).default(['reader']),
  })
  const { auth, logIn } = createClient({ claims })
  await logIn()
  expect(await auth.getUser()).toMatchObject({
    sub: 'alice',
    name: 'Alice Liddell',
    email: { address: 'alice@example.com' },
    roles: ['reader'],
  })
  expect(membersOf(auth.getSnapshot()).user).toBe(await auth.getUser())
  expect(Object.isFrozen(await auth.getUser())).toBe(true)
})

test('the schema is given all claims, and the user has none that belong to one ID token', async () => {
  const seen: object[] = []
  const claims = createSchema((input) => {
    seen.push(input as object)
    return { value: input as object }
  })
  const { auth, logIn } = createClient({ claims })
  await logIn()
  expect(Object.keys(seen[0] ?? {})).toEqual(expect.arrayContaining(['iat', 'exp', 'nonce', 'aud']))
  expect(Object.keys((await auth.getUser()) ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(iat|exp|nonce|at_hash)$/)]),
  )
})

test('the user stays the same object while the claims do not change', async () => {
  const validate = vi.fn(() => ({ value: { roles: [] } }))
  const { auth, logIn, renewal } = createClient({ claims: createSchema(validate) })
  await logIn()
  const user = await auth.getUser()
  const { claims } = (await auth.getIdToken())!
  await passTime(2000)
  renewal.answers.push({ claims: { ...claims, iat: Number(claims.iat) + 2 } })
  await auth.getTokenSilently(off)
  expect(await auth.getUser()).toBe(user)
  expect(validate).toHaveBeenCalledTimes(1)
})

test('a token for fewer scopes does not take claims from the user', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.logIn()
  const [user, known] = [await page.auth.getUser(), await page.auth.getIdToken()]
  const { name, email, ...claims } = known!.claims
  await passTime(2000)
  page.renewal.answers.push({ claims: { ...claims, iat: claims.iat + 2 } })
  await page.auth.getTokenSilently({ scope: 'invoices:read' })
  expect(await page.auth.getUser()).toBe(user)
  expect(await page.auth.getIdToken()).toEqual(known)
  expect(await reload(page, { tokenStorage }).auth.getUser()).toMatchObject({ name, email })
})

test('a token for the scopes of the client, or more, tells what the user is now', async () => {
  const { auth, logIn, renewal } = createClient({
    scope: ' openid  profile   email offline_access',
  })
  await logIn()
  const { email, ...claims } = (await auth.getIdToken())!.claims
  await passTime(2000)
  renewal.answers.push({ claims: { ...claims, iat: claims.iat + 2, name: 'Alice Hargreaves' } })
  await auth.getTokenSilently({ scope: 'openid email profile invoices:read' })
  expect(await auth.getUser()).toMatchObject({ name: 'Alice Hargreaves' })
  expect(await auth.getUser()).not.toHaveProperty('email', email)
})

test('a login as another user whose claims do not fit leaves the session as it was', async () => {
  const tokenStorage = createSharedStorage()
  const { auth, logIn } = createClient({
    claims: z.object({ sub: z.literal('alice') }),
    tokenStorage,
  })
  await logIn('alice')
  const [token, snapshot] = [await auth.getTokenSilently(), auth.getSnapshot()]
  const stored = JSON.stringify([...tokenStorage.records])
  await expect(logIn('bob')).rejects.toMatchObject({ code: 'claims_invalid', reason: 'sub' })
  expect(auth.getSnapshot()).toBe(snapshot)
  expect(await auth.getTokenSilently()).toBe(token)
  expect(JSON.stringify([...tokenStorage.records])).toBe(stored)
})

test.each([
  ['zod', withRoles, 'roles'],
  ['valibot', v.object({ roles: v.array(v.string()) }), 'roles'],
  ['a path of objects', v.object({ address: v.object({ street: v.string() }) }), 'address'],
] as const)(
  'a login whose claims do not fit fails, and says where: %s',
  async (_library, claims, path) => {
    const tokenStorage = createSharedStorage()
    const { auth, logIn } = createClient({ claims, tokenStorage })
    await expect(logIn()).rejects.toMatchObject({
      code: 'claims_invalid',
      reason: path,
      retryable: false,
      returnTo: location.href,
      message: expect.stringContaining('nvalid') as string,
    })
    expect(auth.getSnapshot()).toMatchObject({
      status: 'error',
      error: { code: 'claims_invalid' },
    })
    expect(await auth.getUser()).toBeUndefined()
    expect(tokenStorage.records.size).toBe(0)
  },
)

test('names the whole path', async () => {
  const claims = createSchema(() => ({
    issues: [{ message: 'No.', path: ['address', { key: 'lines' }, 0] }],
  }))
  const { logIn } = createClient({ claims })
  await expect(logIn()).rejects.toMatchObject({ reason: 'address.lines.0' })
})

test('knows issues that are on a prototype, and an issue without a path', async () => {
  class Failure {
    get issues() {
      return [{ message: 'No.' }]
    }
  }
  const { logIn } = createClient({ claims: createSchema(() => new Failure()) })
  await expect(logIn()).rejects.toMatchObject({ code: 'claims_invalid', reason: 'claims' })
})

test.each<[string, ClaimsSchema]>([
  ['is asynchronous', createSchema(async () => ({ value: {} }))],
  ['makes a text', createSchema(() => ({ value: 'text' as unknown as object }))],
  ['makes nothing', createSchema(() => ({}) as { value: object })],
  ['gives nothing back', createSchema(() => undefined as unknown as { value: object })],
  ['throws', createSchema(throwTypeError)],
])('a schema that %s is the mistake of the app', async (_what, claims) => {
  const { logIn } = createClient({ claims })
  await expect(logIn()).rejects.toMatchObject({ code: 'config_invalid', reason: 'claims' })
})

test.each([
  ['a number', 5],
  ['a text', 'schema'],
  ['an empty object', {}],
  ['a standard that is a number', { '~standard': 1 }],
  ['a standard without its functions', { '~standard': {} }],
])('refuses what is no schema: %s', (_, claims) => {
  expect(() => createClient({ claims: claims as unknown as ClaimsSchema })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'claims' }),
  )
})

test('a first silent login whose claims do not fit shows the error, and gives no token', async () => {
  const { auth } = createClient({ claims: withRoles })
  expect(await auth.start()).toMatchObject({ status: 'error', error: { code: 'claims_invalid' } })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'claims_invalid' })
  expect(await auth.isAuthenticated()).toBe(false)
})

test.each<[string, ClaimsSchema, string]>([
  ['does not take', withRoles, 'claims_invalid'],
  ['fails at', createSchema(throwTypeError), 'config_invalid'],
])('a warning tells of a stored user whom the schema %s', async (_, claims, code) => {
  const tokenStorage = createSharedStorage()
  const before = createClient({ tokenStorage })
  await before.auth.getTokenSilently()
  const { auth, warnings } = reload(before, { claims, tokenStorage })
  await auth.start()
  expect(warnings).toContainEqual(expect.objectContaining({ code }))
})

test('a renewal whose claims do not fit keeps the user, stores the tokens and warns', async () => {
  const tokenStorage = createSharedStorage()
  const renewal = createRenewal({ claims: { roles: ['a'] } }, { claims: { roles: 5 } })
  const options = { claims: withRoles, tokenStorage }
  const { auth, warnings } = createClient(options, { renewal })
  await auth.start()
  const user = await auth.getUser()
  const token = await auth.getTokenSilently(off)
  expect(await auth.getTokenSilently()).toBe(token)
  expect(await auth.getUser()).toBe(user)
  expect(auth.getSnapshot()).toEqual({ status: 'authenticated', user })
  expect(warnings).toEqual([{ code: 'claims_invalid', reason: 'roles' }])
  expect(JSON.stringify([...tokenStorage.records.values()])).toContain(token)
})

test('a stored session that no longer fits is renewed silently', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  const token = await page.auth.getTokenSilently()
  page.auth.dispose()
  const renewal = createRenewal({ claims: { roles: ['a'] } })
  const { auth } = createClient({ claims: withRoles, tokenStorage }, { renewal })
  expect(await auth.start()).toMatchObject({ status: 'authenticated', user: { roles: ['a'] } })
  expect(await auth.getTokenSilently()).not.toBe(token)
  expect(renewal.requests).toHaveLength(1)
})

test('a refresh whose claims do not fit keeps the refresh token that came with it', async () => {
  const first = openPage()
  await first.logIn()
  first.auth.dispose()
  const strict = openPage(first, { claims: withRoles })
  strict.renewal.answers.push({ notPossible: 'nothing' })
  expect(await strict.auth.start()).toMatchObject({ error: { code: 'claims_invalid' } })
  strict.auth.dispose()
  const again = openPage(first)
  expect(await again.auth.start()).toMatchObject({ status: 'authenticated' })
  await again.auth.getTokenSilently(off)
  const sent = sentBy(again)
  expect(sent).toHaveLength(2)
  expect(new Set(sent).size).toBe(2)
  expect(again.renewal.requests).toEqual([])
})

test('a strategy whose claims do not fit lets the next one try', async () => {
  const first = openPage()
  await first.logIn()
  const strict = openPage(first, { claims: withRoles })
  strict.renewal.answers.push({ claims: { roles: ['a'] } })
  expect(await strict.auth.start()).toMatchObject({ user: { roles: ['a'] } })
})

test('fetchUserInfo has the schema read its claims with those of the ID token', async () => {
  const claims = z.object({
    nonce: z.string(),
    email: z.string().transform((email) => email.toUpperCase()),
  })
  const { auth, logIn } = createClient({ claims })
  await logIn()
  const info = await fetchUserInfo(auth)
  expect(info).toMatchObject({ sub: 'alice', email: 'ALICE@EXAMPLE.COM' })
  expect(info).not.toHaveProperty('nonce')
})

test('fetchUserInfo refuses claims that do not fit', async () => {
  const server = createServer()
  const claims = z.object({ email: z.string() })
  const { auth, logIn } = createClient({ claims }, { server })
  await logIn()
  server.control.addFault({ endpoint: 'userinfo', name: 'userinfoResponse', set: { email: 5 } })
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({
    code: 'claims_invalid',
    reason: 'email',
  })
})
