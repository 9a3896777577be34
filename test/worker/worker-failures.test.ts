// @vitest-environment happy-dom
import { revokeTokens, type Page, type TokenSet } from 'sotto'
import { dpop } from 'sotto/dpop'
import { workerVault } from 'sotto/worker'
import { beforeEach, expect, test } from 'vitest'
import type { VaultRequest } from '../../src/worker/messages.ts'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { watchCryptography } from '../support/real-time.ts'
import { createWorker, inTime, openMissingWorker, openVaultPage } from '../support/vault-client.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const off = { cacheMode: 'off' } as const
const LATE = { code: 'storage_unavailable', reason: 'worker', retryable: true }
const WORKER_WARNING = { code: 'storage_unavailable', reason: 'worker' }

// covers fault:vault-missing
test.each([
  ['is not there', openMissingWorker],
  [
    'is refused by the browser',
    () => {
      throw new DOMException('refused', 'SecurityError')
    },
  ],
])('a worker that %s: the login goes on, without a refresh token', async (_name, open) => {
  const seen: unknown[] = []
  const next = createRenewal()
  const strategy = Object.assign(next.strategy, {
    onLogin: (_context: unknown, tokens: TokenSet) => void seen.push(tokens.refreshToken),
  })
  const page = openVaultPage({ open }, { renewal: [workerVault(open), strategy] })
  const { ms } = await inTime(page.logIn())
  expect(ms).toBeLessThan(1000)
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(seen).toEqual([undefined])
  await inTime(page.auth.getTokenSilently(off))
  expect(next.requests).toHaveLength(1)
  expect(page.renewals).toMatchObject([
    { attempts: [{ strategy: 'worker_vault', code: 'not_possible', reason: 'worker' }] },
  ])
  expect(page.warnings).toEqual([WORKER_WARNING])
  await inTime(page.auth.logout({ localOnly: true }))
})

// covers fault:vault-hung
test('a worker that hangs holds up a login for two seconds, and sends no code later', async () => {
  const server = createServer()
  const worker = createWorker(server.fetch)
  worker.isHung = true
  const page = openVaultPage({ server, worker })
  const { ms } = await inTime(page.logIn())
  expect(ms).toBeLessThan(2500)
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  const renewed = await inTime(page.auth.getTokenSilently(off))
  expect(renewed.ms).toBeLessThan(500)
  expect(page.renewal.requests).toHaveLength(1)
  expect(page.warnings).toEqual([WORKER_WARNING])
})

test('a worker that hangs holds up a start for two seconds, and a logout as well', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.isHung = true
  const other = openVaultPage(page)
  const started = await inTime(other.auth.start())
  expect(started.value).toMatchObject({ status: 'authenticated' })
  expect(started.ms).toBeLessThan(2500)
  const { ms } = await inTime(page.auth.logout({ localOnly: true }))
  expect(ms).toBeLessThan(4500)
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'anonymous', reason: 'logged_out' })
})

// covers fault:vault-died
test('a worker that dies takes the refresh token with it, and nothing else', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.kill()
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  const { ms } = await inTime(page.auth.getTokenSilently(off))
  expect(ms).toBeLessThan(2500)
  expect(page.renewal.requests).toHaveLength(1)
  expect(page.refreshes()).toEqual([])
  expect(page.warnings).toEqual([WORKER_WARNING])
})

test('a page sends no handle to the server', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.kill()
  await expect(inTime(revokeTokens(page.auth))).rejects.toMatchObject({ code: 'network_error' })
  expect(page.server.control.requests({ endpoint: 'revocation' })).toEqual([])
})

test('without a worker and without another way the user logs in again', async () => {
  const open = createWorker(createServer().fetch)
  const page = openVaultPage({ worker: open }, { renewal: [workerVault(() => open.open())] })
  page.worker.kill()
  await expect(inTime(page.auth.getTokenSilently())).rejects.toMatchObject({
    code: 'interaction_required',
  })
})

// covers fault:vault-hung
test('a session whose worker is only late is not ended by the server’s word', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.isHung = true
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await expect(inTime(page.auth.getTokenSilently())).rejects.toMatchObject(LATE)
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  page.worker.isHung = false
  // It is asked, and not waited for.
  page.renewal.answers.push(loginRequired())
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject(LATE)
  const { value } = await inTime(page.auth.getTokenSilently())
  expect(value).toBeTypeOf('string')
  expect(page.refreshes()).toHaveLength(1)
})

test('the server’s word ends a session whose worker hangs for more than a minute', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.isHung = true
  await passTime(300_001)
  page.renewal.answers.push(loginRequired(), loginRequired())
  await expect(inTime(page.auth.getTokenSilently())).rejects.toMatchObject(LATE)
  await passTime(60_000)
  await expect(inTime(page.auth.getTokenSilently())).rejects.toMatchObject({
    code: 'login_required',
  })
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'anonymous', reason: 'session_ended' })
})

test('the server’s word ends a session whose worker has died', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.kill()
  await passTime(300_001)
  page.renewal.answers.push(loginRequired(), loginRequired())
  // A worker does not say that it has died: it may be late.
  await expect(inTime(page.auth.getTokenSilently())).rejects.toMatchObject(LATE)
  await passTime(60_000)
  await expect(inTime(page.auth.getTokenSilently())).rejects.toMatchObject({
    code: 'login_required',
  })
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'anonymous', reason: 'session_ended' })
})

test('a worker that was late is used again at once, and one that died after a minute', async () => {
  const page = openVaultPage()
  await page.logIn()
  page.worker.isHung = true
  await inTime(page.auth.getTokenSilently(off))
  page.worker.isHung = false
  await page.auth.getTokenSilently(off)
  expect(page.renewal.requests).toHaveLength(2)
  // That one has heard that it is there again, and has not waited for it.
  await page.logIn()
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toHaveLength(1)
  page.worker.kill()
  await inTime(page.auth.getTokenSilently(off))
  await passTime(60_000)
  await page.logIn()
  await page.auth.getTokenSilently(off)
  expect(page.refreshes()).toHaveLength(2)
})

// covers fault:vault-hung
test.each([
  ['bearer', {}],
  ['bound', { dpop: dpop() }],
])('a worker that was only late has the %s session still', async (_type, options) => {
  const server = createServer()
  const worker = createWorker(server.fetch)
  const renewal = [workerVault(worker.open)]
  const page = openVaultPage({ server, worker }, { ...options, renewal })
  await page.logIn()
  worker.isHung = true
  await expect(inTime(page.auth.getTokenSilently(off))).rejects.toMatchObject(LATE)
  worker.isHung = false
  // It is asked, and not waited for.
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject(LATE)
  const { value } = await inTime(page.auth.getTokenSilently(off))
  expect(value).toBeTypeOf('string')
})

test('a login whose client is made anew while its code is sent is that of the new client', async () => {
  const tab: Page = new Map()
  const server = createServer()
  const worker = createWorker(server.fetch, {
    onAsked: (message) => {
      if ((message as VaultRequest).verb === 'send') page.auth.dispose()
    },
  })
  const page = openVaultPage({ server, worker }, {}, tab)
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  await expect(page.auth.start()).rejects.toMatchObject({ code: 'disposed' })
  const next = openVaultPage({ server, worker }, {}, tab)
  const { value } = await inTime(next.auth.start())
  expect(value).toMatchObject({ status: 'authenticated', user: { email: 'alice@example.com' } })
  await next.auth.getTokenSilently(off)
  expect([next.refreshes().length, next.renewal.requests.length]).toEqual([1, 0])
})

// covers fault:vault-version
test('does not talk to a worker of another version', async () => {
  const page = openVaultPage()
  page.worker.version = 2
  await page.logIn()
  await page.auth.getTokenSilently(off)
  expect(page.renewal.requests).toHaveLength(1)
  expect(new Set(page.worker.asked)).toEqual(new Set(['hello']))
  expect(page.warnings).toEqual([WORKER_WARNING])
})

// covers spec:https-endpoints
test('sends no refresh token to a revocation endpoint without https', async () => {
  const server = createServer()
  const url = 'https://login.example.com/.well-known/openid-configuration'
  const found = (await (await server.fetch(url)).json()) as object
  const metadata = { ...found, revocation_endpoint: 'http://login.example.com/revoke' }
  const page = openVaultPage({ server }, { metadata })
  await page.logIn()
  await page.auth.logout({ localOnly: true })
  expect(page.worker.asked).toContain('end')
  expect(server.control.requests({ endpoint: 'revocation' })).toEqual([])
})
