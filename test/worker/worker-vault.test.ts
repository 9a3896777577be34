// @vitest-environment happy-dom
import { indexedDbStorage, memoryStorage, revokeTokens, webStorage, type TokenSet } from 'sotto'
import { dpop } from 'sotto/dpop'
import { workerVault } from 'sotto/worker'
import { beforeEach, expect, test, vi } from 'vitest'
import { proofOf, prepareDpopPage } from '../support/dpop-client.ts'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { watchCryptography } from '../support/real-time.ts'
import { createWorker, openVaultPage, type VaultClient } from '../support/vault-client.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const off = { cacheMode: 'off' } as const

/** The refresh tokens that the server has seen: all that were issued but the last. */
const sentTokens = ({ refreshes }: VaultClient) =>
  refreshes().map(({ parameters }) => parameters['refresh_token'] ?? '')

const revocationsOf = ({ server }: VaultClient) =>
  server.control.requests({ endpoint: 'revocation' }).map(({ parameters }) => parameters['token'])

test('renews by a worker, again and again', async () => {
  const page = openVaultPage()
  await page.logIn()
  for (let count = 0; count < 3; count++) await page.auth.getTokenSilently(off)
  expect(new Set(sentTokens(page)).size).toBe(3)
  expect(page.renewal.requests).toEqual([])
  expect(page.renewals.map(({ strategy }) => strategy)).toEqual(Array(3).fill('worker_vault'))
  expect(page.warnings).toEqual([])
})

// covers threat:vaulted-token
test('no page is told a refresh token, and no storage has one', async () => {
  const page = openVaultPage()
  const seen: (string | undefined)[] = []
  const onLogin = (_context: unknown, { refreshToken }: TokenSet): void =>
    void seen.push(refreshToken)
  const strategy = Object.assign(createRenewal().strategy, { onLogin })
  page.auth.dispose()
  const renewal = [workerVault(page.worker.open), strategy]
  const { auth, logIn } = openVaultPage(page, { renewal })
  await logIn()
  for (let count = 0; count < 3; count++) await auth.getTokenSilently(off)
  await auth.logout({ localOnly: true })
  const tokens = [...sentTokens(page), ...revocationsOf(page)]
  expect(tokens).toHaveLength(4)
  expect(tokens.every((token) => token && token.length > 20)).toBe(true)
  expect(page.worker.told.length).toBeGreaterThan(10)
  const all = [page.worker.told, Object.entries(localStorage), Object.entries(sessionStorage)].map(
    (one) => JSON.stringify(one),
  )
  for (const token of tokens) expect(all.join('\n')).not.toContain(token)
  expect(seen).toEqual([expect.stringMatching(/^sotto-vault\./)])
})

test('the fetch of the app is not asked to send a grant, nor the revocation', async () => {
  const server = createServer()
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = (url, init) => {
    asked.push(String(url))
    return server.fetch(url, init)
  }
  const page = openVaultPage({ server }, { fetch })
  await page.logIn()
  await page.auth.getTokenSilently(off)
  await page.auth.logout({ localOnly: true })
  expect(revocationsOf(page)).toHaveLength(1)
  expect(asked.filter((url) => /token|revo/.test(url))).toEqual([])
  expect(asked).not.toEqual([])
})

test('another tab begins with the session, without a request, and renews by the same worker', async () => {
  const page = openVaultPage()
  await page.logIn()
  const asked = page.server.control.requests().length
  const other = openVaultPage(page)
  expect(await other.auth.start()).toMatchObject({
    status: 'authenticated',
    user: { sub: 'alice' },
  })
  expect(await other.auth.getTokenSilently()).toBe(await page.auth.getTokenSilently())
  expect(page.server.control.requests()).toHaveLength(asked)
  for (const tab of [other, page, other]) await tab.auth.getTokenSilently(off)
  expect(new Set(sentTokens(page)).size).toBe(3)
})

test('a tab that begins with an expired token renews without a frame', async () => {
  const page = openVaultPage()
  await page.logIn()
  await passTime(300_001)
  page.auth.dispose()
  const { auth, renewal, refreshes } = openVaultPage(page)
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
  expect(refreshes()).toHaveLength(1)
  expect(renewal.requests).toEqual([])
})

// covers fault:vault-many-tabs
test('tabs that ask at once cause one refresh', async () => {
  const page = openVaultPage()
  await page.logIn()
  const other = openVaultPage(page)
  await other.auth.start()
  await passTime(300_001)
  const tokens = await Promise.all(
    [page, other, page, other].map(({ auth }) => auth.getTokenSilently()),
  )
  expect(new Set(tokens).size).toBe(1)
  expect(page.refreshes()).toHaveLength(1)
})

// covers fault:vault-logout
test('a logout in one tab ends the session of all, at the server and in the worker', async () => {
  const page = openVaultPage()
  await page.logIn()
  await page.auth.getTokenSilently(off)
  const other = openVaultPage(page)
  await other.auth.start()
  await other.auth.logout({ localOnly: true })
  expect(revocationsOf(page)).toHaveLength(1)
  expect(sentTokens(page)).not.toContain(revocationsOf(page)[0])
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'logged_out' })
  const read = page.worker.told.length
  const third = openVaultPage(page)
  expect(await third.auth.start()).toMatchObject({ status: 'anonymous' })
  expect(JSON.stringify(page.worker.told.slice(read))).not.toMatch(/access|sotto-vault/)
  expect(page.refreshes()).toHaveLength(1)
})

test('a logout ends the refresh token where the server has no place to revoke it', async () => {
  const server = createServer()
  const url = 'https://login.example.com/.well-known/openid-configuration'
  const { revocation_endpoint: _, ...metadata } = (await (
    await server.fetch(url)
  ).json()) as Readonly<Record<string, unknown>>
  const page = openVaultPage({ server }, { metadata })
  await page.logIn()
  await page.auth.logout({ localOnly: true })
  expect(page.worker.asked).toContain('end')
  expect(revocationsOf(page)).toEqual([])
  expect(page.warnings).toEqual([])
})

test('a revocation that fails holds up no logout, and a warning tells', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.server.control.addFault({ endpoint: 'revocation', name: 'status', status: 503 })
  await page.auth.logout({ localOnly: true })
  expect(page.warnings).toEqual([{ code: 'network_error', reason: 'revocation' }])
})

test('revokes on request, and goes on with the next strategy', async () => {
  const page = openVaultPage()
  await page.logIn()
  await revokeTokens(page.auth)
  expect(revocationsOf(page)).toHaveLength(1)
  await page.auth.getTokenSilently()
  expect(page.refreshes()).toEqual([])
  expect(page.renewal.requests).toHaveLength(1)
})

// covers spec:vault-memory-only
test.each([
  ['indexedDbStorage()', indexedDbStorage],
  ['localStorage', () => webStorage(() => localStorage)],
  ['sessionStorage', () => webStorage(() => sessionStorage)],
])('refuses %s beside it', (_name, create) => {
  expect(() => openVaultPage({}, { tokenStorage: create() })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'tokenStorage' }),
  )
})

test('takes memoryStorage() beside it, and a second client of the page without a warning', async () => {
  const tab = new Map()
  const options = { tokenStorage: memoryStorage() }
  const page = openVaultPage({}, options, tab)
  await page.logIn()
  const second = openVaultPage(page, options, tab)
  expect(await second.auth.start()).toMatchObject({ status: 'authenticated' })
  expect([...page.warnings, ...second.warnings]).toEqual([])
})

test.each([
  [''],
  ['blob:https://app.example/1'],
  ['data:text/javascript,1'],
  [' BLOB:x'],
  ['javascript:1'],
])('refuses a script that is no file: %j', (script) => {
  expect(() => workerVault(script)).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'worker' }),
  )
})

test('knows a strategy by what is its own', async () => {
  const polluted = Object.prototype as { openVault?: unknown }
  polluted.openVault = () => {
    throw new Error('polluted')
  }
  try {
    const renewal = [createRenewal().strategy]
    expect(() => openVaultPage({}, { renewal })).not.toThrow()
  } finally {
    delete polluted.openVault
  }
})

test.each([
  ['terminate', { isShared: false }],
  ['close', { isShared: true }],
] as const)('a client that is disposed of leaves its worker: %s', async (name, options) => {
  const server = createServer()
  const worker = createWorker(server.fetch, options)
  const leave = vi.fn<() => void>()
  const open = (): SharedWorker | Worker => {
    const opened = worker.open()
    Object.assign('port' in opened ? opened.port : opened, { [name]: leave })
    return opened
  }
  const page = openVaultPage({ server, worker, open })
  await page.logIn()
  expect(leave).not.toHaveBeenCalled()
  page.auth.dispose()
  expect(leave).toHaveBeenCalledOnce()
})

// covers fault:vault-dedicated
test('a worker of one page alone serves that page', async () => {
  const server = createServer()
  const worker = createWorker(server.fetch, { isShared: false })
  const page = openVaultPage({ server, worker })
  await page.logIn()
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toHaveLength(1)
  page.auth.dispose()
  const other = openVaultPage(page)
  await other.auth.start()
  expect(other.renewal.requests).toHaveLength(1)
})

test('what the server has refused is over, and the next strategy is tried', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.server.control.revokeRefreshTokens()
  await page.auth.getTokenSilently(off)
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toHaveLength(1)
  expect(page.renewals[0]?.attempts).toMatchObject([
    { strategy: 'worker_vault', code: 'session_expired' },
  ])
})

// covers fault:vault-answer-lost
test('an answer that is lost leaves the token in doubt, and it is sent once more at once', async () => {
  const server = createServer()
  let isDown = false
  const worker = createWorker(async (url, init) => {
    if (isDown) throw new TypeError('network')
    return server.fetch(url, init)
  })
  const page = openVaultPage({ server, worker })
  await page.logIn()
  isDown = true
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]).toMatchObject({
    attempts: [{ strategy: 'worker_vault', code: 'network_error' }],
  })
  isDown = false
  await passTime(60_000)
  await page.auth.getTokenSilently(off)
  expect(page.renewal.requests).toHaveLength(2)
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toHaveLength(1)
})

test('with a key: the worker sends the proofs of the page, once more with the nonce that is asked for', async () => {
  prepareDpopPage()
  const page = openVaultPage({ server: createServer({ dpopNonces: true }) }, { dpop: dpop() })
  await page.logIn()
  await page.auth.getTokenSilently(off)
  const requests = page.server.control.requests({ endpoint: 'token' })
  expect(requests.map((request) => proofOf(request).nonce === undefined)).toEqual([
    true,
    false,
    false,
  ])
  expect(new Set(requests.map((request) => proofOf(request).header.jwk.x)).size).toBe(1)
})
