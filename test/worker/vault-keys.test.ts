// @vitest-environment happy-dom
import { dpop } from 'sotto/dpop'
import { workerVault } from 'sotto/worker'
import { beforeEach, expect, test, vi } from 'vitest'
import type { KeyHolder, ProofKey } from '../../src/protocol/proof-of-possession.ts'
import { createVault } from '../../src/worker/vault.ts'
import type { VaultRequest } from '../../src/worker/messages.ts'
import { createKeepKey } from '../../src/worker/vault-key-holder.ts'
import {
  boundTo,
  prepareDpopPage,
  proofOf,
  readProof,
  readStoredKey,
  tokenRequests,
} from '../support/dpop-client.ts'
import { createServer, passTime } from '../support/flow-client.ts'
import { watchCryptography } from '../support/real-time.ts'
import {
  createWorker,
  inTime,
  openVaultPage,
  type TestWorker,
  type VaultClient,
} from '../support/vault-client.ts'

beforeEach(() => {
  prepareDpopPage()
  watchCryptography()
})

const off = { cacheMode: 'off' } as const

const openBound = (setting: Partial<VaultClient> = {}): VaultClient =>
  openVaultPage(setting, { dpop: dpop() })

// covers spec:vault-key
test('tokens are bound to a key that is in the worker, and in no storage', async () => {
  const page = openBound()
  await page.logIn()
  const token = await page.auth.getTokenSilently(off)
  const [first, second] = tokenRequests(page).map((request) => proofOf(request).header.jwk)
  expect(first).toEqual(second)
  expect(first).not.toHaveProperty('d')
  expect(boundTo(token)).toBeTypeOf('string')
  expect(await readStoredKey()).toBeUndefined()
  expect(page.worker.told.join('\n')).toContain('"jwk"')
  expect(page.worker.told.join('\n')).not.toMatch(/"d":|privateKey/)
})

test('tabs have one key, and a tab that begins has what is bound to it', async () => {
  const page = openBound()
  await page.logIn()
  const other = openBound(page)
  expect(await other.auth.start()).toMatchObject({ status: 'authenticated' })
  const token = await other.auth.getTokenSilently(off)
  expect(boundTo(token)).toBe(boundTo(await page.auth.getTokenSilently(off)))
})

test('a code is not tied to a key that may end with the page', async () => {
  const page = openBound()
  await page.auth.loginWithRedirect()
  expect(page.visits[0]?.searchParams.has('dpop_jkt')).toBe(false)
})

test('a logout forgets it', async () => {
  const page = openBound()
  await page.logIn()
  const before = boundTo(await page.auth.getTokenSilently())
  await page.auth.logout({ localOnly: true })
  await page.logIn()
  expect(boundTo(await page.auth.getTokenSilently())).not.toBe(before)
})

test('so does a logout of a page that has asked for nothing', async () => {
  const page = openBound()
  await page.logIn()
  const before = boundTo(await page.auth.getTokenSilently())
  page.auth.dispose()
  await openBound(page).auth.logout({ localOnly: true })
  const next = openBound(page)
  await next.logIn()
  expect(boundTo(await next.auth.getTokenSilently())).not.toBe(before)
})

// covers fault:vault-key-lost
test('without a worker the key is in the page, as ever', async () => {
  const page = openBound()
  await page.logIn()
  const before = boundTo(await page.auth.getTokenSilently())
  page.worker.kill()
  await inTime(page.logIn())
  const after = boundTo(await page.auth.getTokenSilently())
  expect(after).not.toBe(before)
  expect((await readStoredKey())?.jkt).toBe(after)
})

// covers fault:vault-hung
test('a worker that is asked for the key and hangs leaves no page without a session', async () => {
  const server = createServer()
  const worker: TestWorker = createWorker(server.fetch, {
    onAsked: (message) => {
      worker.isHung ||= (message as VaultRequest).verb === 'key'
    },
  })
  const page = openBound({ server, worker })
  const { value } = await inTime(page.auth.start())
  expect(value.status).not.toBe('loading')
  await inTime(page.logIn())
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect((await readStoredKey())?.jkt).toBe(boundTo(await page.auth.getTokenSilently()))
})

// covers fault:vault-hung
test('a proof that came too late ends nothing that the worker has still', async () => {
  const server = createServer()
  let isSlow = false
  const worker: TestWorker = createWorker(server.fetch, {
    onAsked: (message) => {
      worker.isHung ||= isSlow && (message as VaultRequest).verb === 'prove'
    },
  })
  const page = openVaultPage(
    { server, worker },
    { dpop: dpop(), renewal: [workerVault(worker.open)] },
  )
  await page.logIn()
  const jkt = boundTo(await page.auth.getTokenSilently())
  isSlow = true
  const late = page.auth.getTokenSilently(off).catch((error: unknown) => error)
  expect((await inTime(late)).value).toMatchObject({ code: 'dpop_failed', reason: 'key' })
  worker.isHung = isSlow = false
  await passTime(60_000)
  const before = (await inTime(page.auth.getTokenSilently())).value
  expect(boundTo(before)).toBe(jkt)
  await passTime(300_000)
  const after = (await inTime(page.auth.getTokenSilently())).value
  expect(after).not.toBe(before)
  expect(boundTo(after)).toBe(jkt)
})

/** A holder at a vault of its own, which can be taken away. */
function createHolder() {
  const state = { vault: createVault(fetch), isReady: true }
  const onChange = vi.fn<() => void>()
  const createOther = vi.fn<() => KeyHolder>()
  const keepKey = createKeepKey({
    isShared: () => true,
    isReady: async () => state.isReady,
    ask: (request) => state.vault(structuredClone(request)),
  })
  const open = () => keepKey('k', onChange, createOther)
  return { state, onChange, createOther, open, keys: open() }
}

test('makes proofs by the key of the worker', async () => {
  const { keys, onChange } = createHolder()
  const key = await keys.load()
  const proof = readProof(await keys.prove(key, { jti: 'j', nonce: undefined }))
  expect(proof).toEqual({ jti: 'j', header: { typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk } })
  expect(await keys.load()).toEqual(key)
  expect(keys.current?.jkt).toBe(key.jkt)
  expect(onChange).not.toHaveBeenCalled()
})

// covers fault:vault-key-lost
test('a key that ended with the worker proves nothing, and what is bound to it is dropped', async () => {
  const { state, keys, onChange } = createHolder()
  const key = await keys.load()
  state.vault = createVault(fetch)
  await expect(keys.prove(key, {})).rejects.toMatchObject({ code: 'dpop_failed', reason: 'key' })
  expect(keys.current).toBeUndefined()
  expect(onChange).toHaveBeenCalledOnce()
  expect((await keys.load()).jkt).not.toBe(key.jkt)
  expect(onChange).toHaveBeenCalledOnce()
})

test('a key that another tab has put into its place is told of', async () => {
  const { open, keys, onChange } = createHolder()
  const { jkt } = await keys.load()
  const other = open()
  await other.load()
  await other.forget()
  expect((await keys.load()).jkt).not.toBe(jkt)
  expect(onChange).toHaveBeenCalledOnce()
})

test('forgets no newer key, and none comes back that was asked for before', async () => {
  const { open, keys } = createHolder()
  const late = open()
  await late.load()
  await keys.load()
  await keys.forget()
  const { jkt } = await keys.load()
  await late.forget()
  expect((await keys.load()).jkt).toBe(jkt)
  const loading = keys.load()
  const forgetting = keys.forget()
  await loading
  await forgetting
  expect(keys.current).toBeUndefined()
})

test('where the worker does not answer, another keeper is asked', async () => {
  const { state, keys, createOther, onChange } = createHolder()
  const before = await keys.load()
  state.isReady = false
  const key: ProofKey = { jkt: 'other', jwk: before.jwk }
  const other: KeyHolder = {
    current: key,
    isKept: true,
    load: async () => key,
    prove: async () => 'proof',
    forget: vi.fn<() => Promise<void>>(async () => {}),
  }
  createOther.mockReturnValue(other)
  expect(await keys.load()).toBe(key)
  expect(onChange).toHaveBeenCalledOnce()
  expect(await keys.prove(key, {})).toBe('proof')
  await keys.load()
  expect(createOther).toHaveBeenCalledOnce()
  await keys.forget()
  expect(other.forget).toHaveBeenCalledOnce()
})

test('proves by no other key than the one that is asked for, and keeps as many as there are clients', async () => {
  const vault = createVault(fetch)
  const load = async (key: string) => (await vault({ verb: 'key', key })) as ProofKey
  const { jkt } = await load('0')
  expect(await vault({ verb: 'prove', key: '0', jkt: 'other', claims: {} })).toBeUndefined()
  expect(await vault({ verb: 'prove', key: 'none', jkt, claims: {} })).toBeUndefined()
  await vault({ verb: 'forget', key: '0', jkt: 'other' })
  expect((await load('0')).jkt).toBe(jkt)
  for (let count = 1; count <= 32; count++) await load(String(count))
  expect((await load('0')).jkt).not.toBe(jkt)
})
