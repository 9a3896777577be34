// A worker that does not load, hangs, dies, or is forbidden: nothing is blocked by it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { CLIENT_ID, type Pair } from './support/serve.ts'
import {
  BY_VAULT,
  expect,
  logInVaulted,
  refreshesOf,
  renewIn,
  requestsOf,
  test,
  WORKER_WARNING,
} from './support/vault.ts'

const headers = { 'content-type': 'text/javascript' }
const script = readFileSync(fileURLToPath(import.meta.resolve('sotto/worker/script')), 'utf8')

const warningsIn = (page: Page) => page.evaluate(() => globalThis.warnings)

const BY_FRAME = { strategy: 'silent_iframe', attempts: ['worker_vault not_possible'] }
/** Where the worker has the refresh token, and may be late only. */
const AFTER_WAITING = { strategy: 'silent_iframe', attempts: ['worker_vault storage_unavailable'] }

for (const { kind, broken } of [
  { kind: 'is not there', broken: { status: 404, body: '' } },
  { kind: 'is no script', broken: { headers: { 'content-type': 'text/html' }, body: '<p>' } },
  { kind: 'throws', broken: { headers, body: 'throw new Error("broken")' } },
  { kind: 'never answers', broken: { headers, body: 'onconnect = () => {}' } },
  { kind: 'hangs', broken: { headers, body: 'onconnect = () => { for (;;); }' } },
]) {
  // covers fault:vault-missing fault:vault-hung
  test(`a worker that ${kind}: login, renewal and logout go on`, async ({
    page,
    pair,
    signIn,
    told,
  }) => {
    pair.app.respondWith('/sotto-vault.js', broken)
    expect(await logInVaulted(page, pair, signIn)).toBe('authenticated')
    expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
    expect(await renewIn(page)).toEqual(BY_FRAME)
    expect(await warningsIn(page)).toEqual([WORKER_WARNING])
    expect(refreshesOf(pair)).toEqual([])
    // The page has seen one, which could not be helped, and has kept none.
    expect(told.join('\n')).not.toContain('sotto-vault.')
    const begun = Date.now()
    await page.evaluate(() => auth.logout({ localOnly: true }))
    expect(Date.now() - begun).toBeLessThan(4000)
    expect(await page.evaluate(() => auth.getSnapshot())).toMatchObject({ reason: 'logged_out' })
  })
}

/** A worker as it is, which dies or falls silent when it is told to. */
const mortal = `${script}
addEventListener('connect', ({ ports: [port] }) => {
  port.addEventListener('message', ({ data }) => {
    if (data === 'die') close()
    if (data === 'hang') for (;;);
  })
})`

const tell = (page: Page, word: string): Promise<void> =>
  page.evaluate((text) => {
    const options: object = { name: 'sotto', extendedLifetime: true }
    const { port } = new SharedWorker('/sotto-vault.js', options)
    port.start()
    port.postMessage(text)
  }, word)

for (const word of ['die', 'hang']) {
  // covers fault:vault-died fault:vault-hung
  test(`a worker that is told to ${word} after the login: the session stays, and a logout too is not held up`, async ({
    page,
    pair,
    signIn,
  }) => {
    pair.app.respondWith('/sotto-vault.js', { headers, body: mortal })
    await logInVaulted(page, pair, signIn)
    expect(await renewIn(page)).toEqual(BY_VAULT)
    const token = await page.evaluate(() => auth.getTokenSilently())
    await tell(page, word)
    expect(await page.evaluate(() => auth.getTokenSilently())).toBe(token)
    expect(await renewIn(page)).toEqual(AFTER_WAITING)
    expect(await warningsIn(page)).toEqual([WORKER_WARNING])
    const begun = Date.now()
    await page.evaluate(() => auth.logout({ localOnly: true }))
    expect(Date.now() - begun).toBeLessThan(4000)
  })

  test(`a logout right after the worker was told to ${word} leaves within two seconds and a bit`, async ({
    page,
    pair,
    signIn,
  }) => {
    pair.app.respondWith('/sotto-vault.js', { headers, body: mortal })
    await logInVaulted(page, pair, signIn)
    await tell(page, word)
    const begun = Date.now()
    await page.evaluate(() => void auth.logout())
    await expect.poll(() => requestsOf(pair).join()).toContain('endSession')
    expect(Date.now() - begun).toBeLessThan(4000)
    await page.waitForURL((url) => url.origin === new URL(pair.issuer).origin)
  })
}

test('without another way, a call whose worker does not answer may be tried again', async ({
  page,
  pair,
  signIn,
}) => {
  pair.app.respondWith('/sotto-vault.js', { headers, body: mortal })
  await logInVaulted(page, pair, signIn, { renewal: 'vault' })
  await tell(page, 'die')
  expect(await renewIn(page)).toEqual({
    code: 'storage_unavailable',
    attempts: ['worker_vault storage_unavailable'],
  })
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('authenticated')
})

/** An app under a strict policy; how it makes the worker is put in. */
const strictApp = ({ issuer }: Pair, worker: string): string => `
import { createAuthClient, silentIframe, workerVault } from '/sotto.js'
const policy = globalThis.trustedTypes?.createPolicy('app', {
  createScriptURL: (url) => {
    if (url !== '/sotto-vault.js') throw new TypeError(url)
    return url
  },
})
globalThis.renewals = []
globalThis.warnings = []
globalThis.violations = []
document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
  violations.push(effectiveDirective)
})
globalThis.auth = createAuthClient({
  issuer: '${issuer}',
  clientId: '${CLIENT_ID}',
  redirectUri: '/callback',
  scope: 'openid offline_access',
  renewal: [workerVault(${worker}), silentIframe()],
})
auth.on('renewal', (event) => renewals.push(event))
auth.on('warning', (event) => warnings.push(event))
globalThis.sotto = { isAuthError: () => true }
globalThis.status = (await auth.start()).status
`

const strictPage = (path: string): string => `<!doctype html>
<title>App</title>
<link rel="icon" href="data:,">
<script type="module" src="${path}"></script>`

declare global {
  var status: string
  var violations: string[]
}

const policy = ({ issuer }: Pair, worker = "'self'"): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `worker-src ${worker}`,
    `connect-src 'self' ${issuer}`,
    `frame-src 'self' ${issuer}`,
    'img-src data:',
    "require-trusted-types-for 'script'",
    'trusted-types app',
  ].join('; ')

async function openStrict(
  page: Page,
  pair: Pair,
  { worker, csp = policy(pair) }: { readonly worker: string; readonly csp?: string },
  signIn: (page: Page) => Promise<void>,
): Promise<void> {
  pair.app.respondWith('/strict.js', { headers, body: strictApp(pair, worker) })
  const html = { 'content-type': 'text/html', 'content-security-policy': csp }
  for (const path of ['/strict', '/callback'])
    pair.app.respondWith(path, { headers: html, body: strictPage('/strict.js') })
  pair.app.respondWith('/sotto-vault.js', {
    headers: {
      ...headers,
      'content-security-policy': `default-src 'none'; connect-src ${pair.issuer}`,
    },
    body: script,
  })
  await page.goto('/strict')
  await page.waitForFunction(() => 'status' in globalThis)
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await page.waitForFunction(() => globalThis.status === 'authenticated')
}

for (const { kind, worker } of [
  {
    kind: 'a TrustedScriptURL',
    worker: "policy ? policy.createScriptURL('/sotto-vault.js') : '/sotto-vault.js'",
  },
  {
    kind: 'a function',
    worker:
      "() => new SharedWorker(policy?.createScriptURL('/sotto-vault.js') ?? '/sotto-vault.js', { name: 'own' })",
  },
]) {
  // covers spec:vault-policy
  test(
    `works under a strict policy with Trusted Types: ${kind}`,
    { tag: '@core' },
    async ({ page, pair, signIn }) => {
      await openStrict(page, pair, { worker }, signIn)
      expect(await renewIn(page)).toEqual(BY_VAULT)
      expect(await warningsIn(page)).toEqual([])
      expect(await page.evaluate(() => globalThis.violations)).toEqual([])
    },
  )
}

test('a policy that forbids the worker is told of, and the login goes on', async ({
  page,
  pair,
  signIn,
}) => {
  const worker = "policy ? policy.createScriptURL('/sotto-vault.js') : '/sotto-vault.js'"
  await openStrict(page, pair, { worker, csp: policy(pair, "'none'") }, signIn)
  expect(await renewIn(page)).toEqual(BY_FRAME)
  expect(await warningsIn(page)).toEqual([WORKER_WARNING])
})

test('an address that is not trusted makes no worker, where the browser has Trusted Types', async ({
  page,
  pair,
  signIn,
}) => {
  await openStrict(page, pair, { worker: "'/sotto-vault.js'" }, signIn)
  const isStrict = await page.evaluate(() => 'trustedTypes' in globalThis)
  expect(await renewIn(page)).toEqual(isStrict ? BY_FRAME : BY_VAULT)
  expect(await warningsIn(page)).toEqual(isStrict ? [WORKER_WARNING] : [])
  const violations = isStrict ? ['require-trusted-types-for'] : []
  expect(await page.evaluate(() => globalThis.violations)).toEqual(violations)
})
