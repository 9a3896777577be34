// @vitest-environment happy-dom
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { createRedirectGuard } from '../../src/authorization/redirect-guard.ts'
import { readSessionRecord } from '../../src/session/read-session-record.ts'
import { createSessionEpochs } from '../../src/session/session-epoch.ts'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage, createTransactionStorage } from '../support/flow-storage.ts'
import { clientId, createRenewal, createTokenSet, issuer } from '../support/flow-tokens.ts'
import {
  anyJson,
  anything,
  check,
  mutate,
  mutation,
  settle,
  type Mutation,
} from '../support/fuzz.ts'

beforeEach(preparePage)

type Stored = { readonly value: unknown } | { readonly outer: Mutation; readonly inner: Mutation }

const RECORD = ['v', 'issuer', 'clientId', 'generation', 'sub', 'idToken', 'entries']
const ENTRY = ['partition', 'accessToken', 'tokenType', 'requestedScope', 'scope', 'receivedAt']

/** A stored value: anything at all, or a session record with a few wrong members. */
const stored: fc.Arbitrary<Stored> = fc.oneof(
  fc.record({ value: anything }),
  fc.record({
    outer: mutation(RECORD, anything),
    inner: mutation([...ENTRY, 'lifeMs', 'deadline', 'audience'], anything),
  }),
)

/** The stored value as of now: a record is good for some minutes only. */
function build(input: Stored): unknown {
  if ('value' in input) return input.value
  const { accessToken, tokenType, scope, idToken } = createTokenSet()
  const [receivedAt, lifeMs] = [Date.now(), 300_000]
  const deadline = performance.now() + lifeMs
  const token = { partition: '', accessToken, tokenType, requestedScope: scope, scope }
  const entries = [mutate({ ...token, receivedAt, lifeMs, deadline }, input.inner)]
  const record = { v: 1, issuer, clientId, generation: '', sub: 'alice', idToken, entries }
  return mutate(record, input.outer)
}

// covers threat:tampered-storage spec:stored-session
test('reads any stored value as a record of this client, as newer or as corrupt', () =>
  check(stored, 400, (input) => {
    const read = readSessionRecord(build(input), issuer, clientId)
    if (typeof read === 'string') return expect(read).toMatch(/^(newer|corrupt)$/)
    expect(read).toMatchObject({ v: 1, issuer, clientId })
    for (const { lifeMs, deadline, accessToken } of read.entries) {
      expect(typeof accessToken).toBe('string')
      expect(lifeMs).toBeLessThanOrEqual(31_536_000_000)
      expect(deadline).toBeLessThanOrEqual(performance.now() + lifeMs)
    }
    return undefined
  }))

// covers fault:storage-anything
test('no stored value hinders a page from starting, or a login', () => {
  const server = createServer()
  return check(stored, 40, async (input) => {
    const tokenStorage = { ...createSharedStorage(), get: async () => build(input) }
    const { auth, logIn } = createClient({ tokenStorage }, { server })
    expect((await auth.start()).status).toMatch(/^(authenticated|anonymous|error)$/)
    await logIn()
    expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
    expect(await auth.getTokenSilently()).toMatch(/./)
    auth.dispose()
    localStorage.clear()
  })
})

test('no stored value ends the session of a page, unless it tells of another user', () => {
  const server = createServer()
  return check(stored, 40, async (input) => {
    let isChanged = false
    const shared = createSharedStorage()
    const get = async (key: string): Promise<unknown> =>
      isChanged ? build(input) : shared.get(key)
    const { auth, logIn } = createClient({ tokenStorage: { ...shared, get } }, { server })
    await logIn()
    isChanged = true
    const outcome = await settle(() => auth.getTokenSilently({ cacheMode: 'off' }))
    if ('error' in outcome) expect(outcome.error.code).toBe('user_changed')
    else expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
    auth.dispose()
    localStorage.clear()
  })
})

const TRANSACTION = ['kind', 'state', 'nonce', 'codeVerifier', 'redirectUri', 'issuer', 'clientId']
const TARGET = ['scope', 'audience', 'resource', 'authorizationParams', 'responseMode', 'maxAge']

// covers fault:storage-damaged-login
test('no stored login is more than an AuthError, or leaves a token that was not checked', async () => {
  const transactionStorage = createTransactionStorage()
  const page = createClient({ transactionStorage }, { renewal: createRenewal() })
  const change = mutation([
    ...TRANSACTION,
    ...TARGET,
    'acrValues',
    'appState',
    'returnTo',
    'createdAt',
  ])
  await check(change, 120, async (input) => {
    // A second login within three seconds would join the first.
    await passTime(3001)
    await page.auth.loginWithRedirect()
    const url = page.answer('alice')
    const [[key, text]] = [...transactionStorage.items] as [[string, string]]
    const list = JSON.parse(text) as object[]
    transactionStorage.setItem(key, JSON.stringify(list.map((one) => mutate(one, input))))
    const outcome = await settle(() => page.auth.handleRedirectCallback({ url }))
    if ('value' in outcome) expect(outcome.value.user.sub).toBe('alice')
    transactionStorage.items.clear()
    const again = await settle(() => page.auth.getTokenSilently())
    expect('value' in again || again.error.code).not.toBe('response_invalid')
  })
})

test('no text in the place of a login under way hinders the next one', () => {
  const server = createServer()
  return check(
    fc.oneof(
      fc.string(),
      anyJson.map((value) => JSON.stringify(value)),
    ),
    60,
    async (text) => {
      const transactionStorage = createTransactionStorage()
      const getItem = (key: string): string | null => transactionStorage.getItem(key) ?? text
      const page = createClient(
        { transactionStorage: { ...transactionStorage, getItem } },
        { server },
      )
      await page.logIn()
      expect(page.auth.getSnapshot().status).toBe('authenticated')
      page.auth.dispose()
    },
  )
})

test('a redirect guard is made of any text, and lets a first redirect pass or says redirect_loop', () => {
  const times = mutation(['times', 'completed'])
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    times.map((change) => JSON.stringify(mutate({}, change))),
  )
  return check(text, 300, async (value) => {
    const storage = createTransactionStorage()
    storage.setItem('guard', value)
    const guard = createRedirectGuard(() => storage, 'guard')
    const outcome = await settle(() => {
      guard.check('key')
      guard.count()
      guard.complete('key')
      guard.serve(() => 'key')
    })
    if ('error' in outcome) expect(outcome.error.code).toBe('redirect_loop')
    createRedirectGuard(() => storage, 'guard').reset()
    expect(storage.items.size).toBe(0)
  })
})

test('a session epoch is read from any text, as a generation and whether it was a logout', () =>
  check(
    fc.oneof(
      fc.string(),
      fc.json(),
      anyJson.map((value) => JSON.stringify(value)),
    ),
    150,
    (text) => {
      localStorage.setItem('epoch', text)
      const { generation, loggedOut } = createSessionEpochs('epoch').read()
      expect([typeof generation, typeof loggedOut]).toEqual(['string', 'boolean'])
    },
  ))
