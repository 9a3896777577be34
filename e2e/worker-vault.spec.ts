// The refresh token in a worker: a real one, of a file that is served as an app serves it.
import type { BrowserContext, Page } from '@playwright/test'
import type { Pair } from './support/serve.ts'
import { readStorages } from './support/stored-data.ts'
import {
  BY_VAULT,
  callInAll,
  expect,
  logInVaulted,
  refreshesOf,
  renewIn,
  requestsOf,
  startVaulted,
  test,
  tokensOf,
} from './support/vault.ts'

/** Another tab of the same browser, with such a client. */
async function openOther(context: BrowserContext, pair: Pair): Promise<Page> {
  const other = await context.newPage()
  await other.goto('/')
  await startVaulted(other, pair)
  return other
}

// covers threat:vaulted-token
test(
  'no page is told a refresh token, and no storage has one',
  { tag: '@firefox' },
  async ({ page, pair, signIn, told }) => {
    expect(await logInVaulted(page, pair, signIn)).toBe('authenticated')
    for (let count = 0; count < 3; count++) expect(await renewIn(page)).toEqual(BY_VAULT)
    const stored = JSON.stringify(await readStorages(page))
    await page.evaluate(() => auth.logout({ localOnly: true }))
    const tokens = tokensOf(pair)
    expect(new Set(tokens).size).toBe(4)
    expect(told.join('\n')).toContain('sotto-vault.')
    expect(told.join('\n')).toContain('access_token')
    expect(told.join('\n')).toContain('jwks_uri')
    for (const token of tokens) {
      expect(token.length).toBeGreaterThan(20)
      expect(told.join('\n')).not.toContain(token)
      expect(stored).not.toContain(token)
    }
    // Nor an access token: the session is in the worker.
    expect(stored).not.toContain('eyJ')
    expect(await page.evaluate(() => globalThis.warnings)).toEqual([])
  },
)

// covers fault:vault-reload
test('a reload of the only tab goes on with the worker, where the browser keeps it', async ({
  page,
  pair,
  signIn,
  browserName,
}) => {
  await logInVaulted(page, pair, signIn)
  pair.control.clearRequests()
  await page.reload()
  expect(await startVaulted(page, pair)).toBe('authenticated')
  const isKept = browserName === 'chromium'
  expect(requestsOf(pair).filter((one) => /authorize|token/.test(one))).toEqual(
    isKept ? [] : ['GET authorize', 'POST token'],
  )
  // A frame brings a refresh token as well.
  expect(await renewIn(page)).toEqual(BY_VAULT)
  expect(refreshesOf(pair)).toHaveLength(1)
})

test('a second tab begins with the session, without a request', async ({
  page,
  context,
  pair,
  signIn,
}) => {
  await logInVaulted(page, pair, signIn)
  pair.control.clearRequests()
  const other = await context.newPage()
  await other.goto('/')
  expect(await startVaulted(other, pair)).toBe('authenticated')
  const tokens = await Promise.all(
    [page, other].map((tab) => tab.evaluate(() => auth.getTokenSilently())),
  )
  expect(new Set(tokens).size).toBe(1)
  expect(requestsOf(pair)).toEqual([])
  for (const tab of [other, page]) expect(await renewIn(tab)).toEqual(BY_VAULT)
})

test.describe('two tabs', () => {
  test.use({ serverOptions: { accessTokenSeconds: 2 } })

  // covers fault:vault-many-tabs spec:vault-in-turn
  test('with five calls each send one refresh', async ({ page, context, pair, signIn }) => {
    await logInVaulted(page, pair, signIn)
    const other = await openOther(context, pair)
    await page.waitForTimeout(2100)
    // From now on a call that comes late finds a token that is still good.
    pair.control.setLives({ accessTokenSeconds: 300 })
    pair.control.setLatency({ endpoint: 'token', ms: 300 })
    pair.control.clearRequests()
    expect(new Set(await callInAll([page, other])).size).toBe(1)
    expect(refreshesOf(pair)).toHaveLength(1)
    for (const tab of [other, page]) expect(await renewIn(tab)).toEqual(BY_VAULT)
  })

  test('a tab that is closed leaves the session to the other', async ({
    page,
    context,
    pair,
    signIn,
  }) => {
    await logInVaulted(page, pair, signIn)
    const other = await openOther(context, pair)
    await page.close()
    expect(await renewIn(other)).toEqual(BY_VAULT)
  })
})

// covers fault:vault-logout
test('a logout in one tab ends the session of all, at the server and in the worker', async ({
  page,
  context,
  pair,
  signIn,
  told,
}) => {
  await logInVaulted(page, pair, signIn)
  const other = await openOther(context, pair)
  pair.control.clearRequests()
  await other.evaluate(() => auth.logout({ localOnly: true }))
  await expect.poll(() => page.evaluate(() => auth.getSnapshot().status)).toBe('anonymous')
  const [revocation, ...rest] = pair.control.requests({ endpoint: 'revocation' })
  expect(rest).toEqual([])
  expect(revocation?.parameters['token']).not.toContain('sotto-vault')
  const before = told.length
  const third = await context.newPage()
  await third.goto('/')
  expect(await startVaulted(third, pair)).toBe('anonymous')
  expect(told.slice(before).join('\n')).not.toMatch(/access_token|sotto-vault\./)
  expect(refreshesOf(pair)).toEqual([])
})

test('a logout that leaves for the server revokes on the way', async ({ page, pair, signIn }) => {
  await logInVaulted(page, pair, signIn)
  pair.control.clearRequests()
  await page.evaluate(() => void auth.logout())
  await expect.poll(() => requestsOf(pair).join()).toContain('endSession')
  expect(requestsOf(pair).filter((one) => /revocation|endSession/.test(one))[0]).toBe(
    'POST revocation',
  )
  await page.waitForURL((url) => url.origin === new URL(pair.issuer).origin)
})

// covers fault:vault-dedicated
test('without a SharedWorker the session is that of one tab', async ({
  page,
  context,
  pair,
  signIn,
  told,
}) => {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
  await logInVaulted(page, pair, signIn)
  expect(await renewIn(page)).toEqual(BY_VAULT)
  expect(told.join('\n')).toContain('sotto-vault.')
  const other = await context.newPage()
  await other.goto('/')
  pair.control.clearRequests()
  expect(await startVaulted(other, pair)).toBe('authenticated')
  expect(requestsOf(pair).filter((one) => /authorize|token/.test(one))).toEqual([
    'GET authorize',
    'POST token',
  ])
  for (const tab of [page, other]) expect(await renewIn(tab)).toEqual(BY_VAULT)
})

// covers spec:vault-key
test('with a key: it is in the worker, which makes the proofs', async ({
  page,
  pair,
  signIn,
  told,
}) => {
  await logInVaulted(page, pair, signIn, { dpop: true })
  expect(await renewIn(page)).toEqual(BY_VAULT)
  expect(refreshesOf(pair)[0]?.headers).toHaveProperty('dpop')
  const { tokenType } = await page.evaluate(() => auth.getTokenSilently({ detailed: true }))
  expect(tokenType).toBe('DPoP')
  expect(await page.evaluate(async () => (await sotto.fetchUserInfo(auth)).sub)).toBe('alice')
  expect(Object.keys(await readStorages(page)).join()).not.toContain('dpop')
  expect(told.join('\n')).toContain('"jwk"')
  expect(told.join('\n')).not.toMatch(/"d":|privateKey/)
  expect(await page.evaluate(() => globalThis.warnings)).toEqual([])
})

// covers spec:vault-no-way-out
test('whatever a script of the page asks of the worker, it does not get the refresh token', async ({
  page,
  pair,
  signIn,
  told,
}) => {
  await logInVaulted(page, pair, signIn)
  const answers = await page.evaluate(sayEverything, {
    handle: /sotto-vault\.[\w-]{36}/.exec(told.join('\n'))?.[0] ?? '',
    urls: [`${pair.issuer}/token`, `${pair.issuer}/revoke`, `${pair.app.origin}/collect`],
  })
  expect(answers.length).toBeGreaterThan(100)
  // What the worker has sent to the server is what it must tell nobody.
  const tokens = tokensOf(pair).filter((token) => !token.startsWith('sotto-vault.'))
  expect(tokens.length).toBeGreaterThan(0)
  for (const token of tokens) expect([...answers, ...told].join('\n')).not.toContain(token)
})

/** Runs in the page, as an attacker's script: it may refer to nothing outside itself. */
async function sayEverything({
  handle,
  urls,
}: {
  readonly handle: string
  readonly urls: readonly string[]
}): Promise<string[]> {
  const options: WorkerOptions & { extendedLifetime: boolean } = {
    name: 'sotto',
    extendedLifetime: true,
  }
  const { port } = new SharedWorker('/sotto-vault.js', options)
  const answers: string[] = []
  const forms = [
    { grant_type: 'refresh_token', refresh_token: handle, client_id: 'app' },
    { grant_type: 'refresh_token', refresh_token: handle, client_id: 'attacker' },
    { grant_type: 'authorization_code', code: handle, refresh_token: handle, client_id: 'app' },
    { token: handle, client_id: 'app' },
    { refresh_token: handle },
    {},
  ].map((form) => new URLSearchParams(form as Record<string, string>).toString())
  const verbs = 'hello send read write key prove forget get getRefreshToken export end'.split(' ')
  const messages = verbs.flatMap((verb) => [
    ...forms.flatMap((form) => urls.map((url) => ({ verb, form, url, revocationEndpoint: url }))),
    ...[undefined, handle, 0, { handle }].map((value) => ({
      ...{ verb, handle: value, key: value, value, revision: 0, token: value },
    })),
  ])
  for (const [id, message] of messages.entries()) {
    port.postMessage({ id: `attack-${id}`, timeoutMs: 2000, ...message })
    await new Promise<void>((resolve) => {
      port.onmessage = ({ data }) => {
        answers.push(JSON.stringify(data))
        resolve()
      }
    })
  }
  return answers
}
