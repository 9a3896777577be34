// Where a token, a code or a verifier could be found by whoever looks: searched for in a real
// browser, after a whole life of a client.
import { arriveAtCallback, expect, test } from './support/app-test.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'
import { readStorages } from './support/stored-data.ts'
import { lookAround, watchClient, watchPage } from './support/witness.ts'

/** Makes a client that renews by refresh token, then by frame. Runs in the page. */
function makeWatchedClient(options: { readonly issuer: string; readonly clientId: string }): void {
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...options,
    redirectUri: '/callback',
    scope: 'openid profile offline_access',
    renewal: [sotto.refreshToken(), sotto.silentIframe({ timeoutMs: 5000 })],
    logger: globalThis.keepingLogger,
  })
}

/** The values of these parameters that the server was sent. */
function sentTo({ control }: Pair, names: readonly string[]): string[] {
  const sent = control
    .requests()
    .filter(({ endpoint }) => /^(authorize|token)$/.test(endpoint))
    .flatMap(({ parameters }) => names.flatMap((name) => parameters[name] ?? []))
  return [...new Set(sent)]
}

const planted = JSON.stringify({
  access_token: 'planted',
  refresh_token: 'planted',
  token_type: 'planted',
  error: 'invalid_request',
  error_description: 'as the test asked',
})

/** Gets tokens in every way. Runs in the page, as the next. */
async function useAllTokens(): Promise<string[]> {
  const tokens: string[] = []
  for (const options of [{}, { cacheMode: 'off' }, { audience: 'other' }] as const)
    tokens.push(await auth.getTokenSilently(options))
  return [...tokens, (await auth.getIdToken())!.token]
}

/** Fails to get one; what the error has in it is kept. */
async function fail(): Promise<string> {
  const error: unknown = await auth.getTokenSilently({ cacheMode: 'off' }).catch((e: unknown) => e)
  witnessed.errors.push(...textsIn(error))
  return (error as { readonly code: string }).code
}

// covers threat:script-in-the-page threat:talking-addresses spec:clean-address
// covers spec:no-secret-leaves spec:nothing-stored spec:refresh-token-once
test('no token, code, verifier, nonce or state is anywhere but where the protocol puts it', async ({
  page,
  pair,
  openApp,
  signIn,
}) => {
  const console: string[] = []
  page.on('console', (message) => console.push(message.text()))
  await page.addInitScript(watchPage)
  const client = { issuer: pair.issuer, clientId: CLIENT_ID }
  await openApp(page, '/products')
  await page.evaluate(makeWatchedClient, client)
  await page.evaluate(() => void auth.loginWithRedirect({ appState: 1 }))
  await signIn(page)
  await arriveAtCallback(page)
  await page.evaluate(makeWatchedClient, client)
  await page.evaluate(watchClient, `sotto:epoch ${pair.issuer} ${CLIENT_ID}`)
  const [pixel] = await Promise.all([
    page.waitForRequest('**/pixel.svg'),
    page.evaluate(async () => {
      const starting = auth.start()
      // Whatever the page loads from here on gets a Referer.
      new Image().src = '/pixel.svg'
      await starting
    }),
  ])
  const tokens = await page.evaluate(useAllTokens)
  const codes: string[] = []
  for (const fault of [
    { name: 'status', status: 400, contentType: 'application/json', body: planted },
    { name: 'status', status: 200, contentType: 'application/json', body: planted },
    { name: 'idTokenClaims', set: { nonce: 'planted' } },
  ] as const) {
    pair.control.addFault({ endpoint: 'token', ...fault })
    codes.push(await page.evaluate(fail))
    pair.control.clearFaults()
  }
  pair.control.endSessions()
  codes.push(await page.evaluate(fail))
  expect(codes).toEqual([
    'interaction_required',
    'interaction_required',
    'id_token_invalid',
    'login_required',
  ])
  const secrets = [
    ...tokens,
    'planted',
    ...sentTo(pair, ['code', 'code_verifier', 'refresh_token']),
  ]
  const ofUrls = sentTo(pair, ['state', 'nonce'])
  expect(secrets.length).toBeGreaterThan(12)
  const { dom, ...seen } = await page.evaluate(() => witnessed)
  const shown: Record<string, string> = {
    ...Object.fromEntries(Object.entries(seen).map(([where, texts]) => [where, texts.join('\n')])),
    ...(await page.evaluate<Record<string, string>>(`(${lookAround.toString()})(auth)`)),
    // Which responses were taken is noted in the tab, by their state: it is of no use any more.
    'the storages': JSON.stringify(
      Object.entries(await readStorages(page)).filter(([key]) => !key.includes('sotto:finished')),
    ),
    'the Referer': (await pixel.allHeaders())['referer'] ?? '',
    console: console.join('\n'),
  }
  // The search finds something wherever something was said.
  for (const where of ['events', 'logs', 'errors', 'the document', 'the Referer'])
    expect(shown[where], where).not.toBe('')
  expect(shown['performance entries']).toContain('/token')
  expect(dom.join()).toContain('data-sotto')
  // The address of the hidden frame has a state and a nonce, as long as it is there and in the list
  // of what was loaded.
  const found = Object.entries({ ...shown, 'the DOM meanwhile': dom.join() }).flatMap(
    ([where, text]) =>
      (/meanwhile|performance/.test(where) ? secrets : [...secrets, ...ofUrls])
        .filter((secret) => text.includes(secret))
        .map((secret) => `${where}: ${secret}`),
  )
  expect(found).toEqual([])
})
