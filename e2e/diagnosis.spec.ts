// The wrong set-ups of docs/wrong-set-ups.md once more: what `diagnose` in the page, `explain` and
// the doctor say of each, held against the second table there.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { findFreePort } from '../tools/static-server.ts'
import { asText, doctorSays, expectRow, manual, test, told } from './support/diagnosis.ts'
import { expect } from './support/fixtures.ts'
import type { Pair } from './support/serve.ts'

type SignIn = (page: Page) => Promise<void>

/** Logs in up to the callback, with the client that is in the page. */
async function logInToCallback(page: Page, { issuer }: Pair, signIn: SignIn): Promise<void> {
  await page.evaluate(() => void auth.loginWithRedirect())
  await page.waitForURL(`${issuer}/**`)
  await signIn(page)
  await page.waitForURL(/\/callback/)
}

test('nothing is wrong with a set-up that is right', async ({
  page,
  pair,
  createClient,
  signIn,
}) => {
  await page.goto('/')
  await createClient(page)
  expect(await page.evaluate(async () => (await auth.start()).status)).toBe('anonymous')
  const anonymous = await page.evaluate(async () => (await sotto.diagnose(auth)).findings)
  expect(asText(anonymous)).toBe('')
  expect(anonymous.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      ...[
        'secure_context',
        'redirect_uri',
        'storage',
        'locks',
        'isolation',
        'session',
        'discovery',
      ],
      ...['cors_discovery', 'issuer', 'pkce', 'cors_keys', 'keys', 'cors_token', 'token_endpoint'],
      ...['callback_page', 'callback_framing', 'clock', 'site', 'silent_request'],
    ]),
  )
  await logInToCallback(page, pair, signIn)
  await createClient(page)
  await page.evaluate(async () => auth.start())
  const signedIn = await page.evaluate(async () => (await sotto.diagnose(auth)).findings)
  expect(asText(signedIn)).toBe('')
  expect(await doctorSays(pair)).toBe('')
  // Nothing of the session is in it.
  const token = await page.evaluate(() => auth.getTokenSilently())
  expect(JSON.stringify(signedIn)).not.toContain(token)
  expect(JSON.stringify(signedIn)).not.toMatch(/alice|eyJ/i)
})

test('without probing nothing is sent', async ({ page, pair, createClient }) => {
  await page.goto('/')
  await createClient(page)
  const before = pair.control.snapshot().requests.length
  const findings = await page.evaluate(async () =>
    (await sotto.diagnose(auth, { probe: false })).findings.map(({ id }) => id),
  )
  expect(findings).toEqual(
    expect.arrayContaining(['secure_context', 'redirect_uri', 'storage', 'session', 'site']),
  )
  expect(pair.control.snapshot().requests).toHaveLength(before)
})

test('the issuer', async ({ page, pair, createClient }) => {
  await page.goto('/')
  await createClient(page, { issuer: `${pair.issuer}/` })
  const said = {
    ...(await told(page)),
    doctor: await doctorSays(pair, { issuer: `${pair.issuer}/` }),
  }
  for (const source of ['explain', 'diagnose', 'doctor'] as const)
    expect(said[source]).toContain(`"${pair.issuer}"`)
  expectRow('The issuer is misspelled', said, pair)
})

test('the server', async ({ page, pair, createClient }) => {
  const issuer = `http://localhost:${await findFreePort()}`
  await page.goto('/')
  await createClient(page, { issuer })
  const said = { ...(await told(page)), doctor: await doctorSays(pair, { issuer }) }
  expect(said.diagnose).toContain(`${issuer}/.well-known/openid-configuration is not there`)
  expectRow('The issuer cannot be reached', said, {
    ...pair,
    issuer: issuer.slice('http://'.length),
  })
})

test('the metadata without CORS are there, but not readable', async ({
  page,
  pair,
  createClient,
}) => {
  pair.control.addFault({ endpoint: 'discovery', name: 'noCors' })
  await page.goto('/')
  await createClient(page)
  const { diagnose } = await told(page)
  expect(diagnose).toContain(`${pair.app.origin} may not read ${pair.issuer}/.well-known/`)
  expect(diagnose).not.toContain('is not there')
})

test('the redirect URI', async ({ page, pair, createClient }) => {
  await page.goto('/')
  await createClient(page, { redirectUri: '/not-registered' })
  const redirectUri = `${pair.app.origin}/not-registered`
  const said = { ...(await told(page)), doctor: await doctorSays(pair, { redirect: redirectUri }) }
  expect(said.explain).toContain(`register ${redirectUri}`)
  expect(said.diagnose).toContain(`register ${redirectUri}`)
  expectRow('The redirect URI is not registered', said, pair)
})

const atTheTokenEndpoint = [
  ['The token endpoint has no CORS headers', { endpoint: 'token', name: 'noCors' }],
  [
    'The client wants a secret',
    { endpoint: 'token', name: 'oauthError', error: 'invalid_client', status: 401 },
  ],
] as const

for (const [setUp, fault] of atTheTokenEndpoint)
  test(`the token endpoint: ${setUp}`, async ({ page, pair, createClient }) => {
    pair.control.addFault(fault)
    await page.goto('/')
    await createClient(page)
    expectRow(setUp, { ...(await told(page)), doctor: await doctorSays(pair) }, pair)
  })

const atTheCallback = [
  [
    'The server knows no such audience',
    {
      endpoint: 'authorize',
      name: 'authorizationResponse',
      set: { error: 'invalid_target', error_description: 'no such API' },
      remove: ['code'],
    },
  ],
  [
    'The ID token is for another client',
    { endpoint: 'token', name: 'idTokenClaims', set: { aud: 'other-app' } },
  ],
] as const

for (const [setUp, fault] of atTheCallback)
  test(`at the callback: ${setUp}`, async ({ page, pair, createClient, signIn }) => {
    const options = { audience: 'https://api.example.com' }
    await page.goto('/')
    await createClient(page, options)
    await page.evaluate(() => void auth.loginWithRedirect())
    await page.waitForURL(`${pair.issuer}/**`)
    pair.control.addFault(fault)
    await signIn(page)
    await page.waitForURL(/\/callback/)
    await createClient(page, options)
    pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
    expectRow(setUp, { ...(await told(page)), doctor: await doctorSays(pair, options) }, pair)
  })

test('plain http', async ({ page, pair, createClient }) => {
  await page.route('http://shop.example/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    await route.fulfill({ response: await page.request.get(pair.app.origin + pathname) })
  })
  await page.goto('http://shop.example/')
  await createClient(page)
  const said = await told(page)
  expect(said.diagnose).toContain('http://shop.example was loaded over plain http')
  expectRow('The page is served over plain http', said, pair)
})

test('the clock', async ({ page, pair, createClient, signIn }) => {
  await page.addInitScript(() => {
    const now = Date.now
    Date.now = () => now() + 7_200_000
  })
  await page.goto('/')
  await createClient(page)
  const before = await page.evaluate(async () => {
    await auth.start()
    return (await sotto.diagnose(auth)).findings.find(({ id }) => id === 'clock')?.what ?? ''
  })
  expect(before).toMatch(/7\d{3} s ahead of that of your web server/)
  await logInToCallback(page, pair, signIn)
  await createClient(page)
  const { diagnose } = await told(page)
  expectRow(
    'The clock of the device is off',
    { diagnose: diagnose.replace(/7\d{3} s/, '{seconds} s') },
    pair,
  )
})

test('the policy', async ({ page, pair, createClient }) => {
  const headers = { 'content-security-policy': "frame-src 'none'" }
  pair.app.respondWith('/', { headers })
  await page.goto('/')
  await createClient(page)
  const said = { ...(await told(page)), doctor: await doctorSays(pair) }
  for (const source of ['explain', 'diagnose', 'doctor'] as const)
    expect(said[source]).toContain(`frame-src 'self' ${pair.issuer}`)
  expectRow('A content security policy forbids the frame', said, pair)
})

test('the policy for requests', async ({ page, pair, createClient }) => {
  const headers = { 'content-security-policy': "connect-src 'self'" }
  pair.app.respondWith('/', { headers })
  await page.goto('/')
  await createClient(page)
  const said = await told(page)
  expect(said.diagnose).toContain(`connect-src 'self' ${pair.issuer}`)
  expect(await doctorSays(pair)).toContain(`connect-src 'self' ${pair.issuer}`)
})

test('a redirect URI that refuses to be framed', async ({ page, pair, createClient }) => {
  pair.app.respondWith('/callback', { headers: { 'x-frame-options': 'DENY' } })
  await page.goto('/')
  await createClient(page)
  expect((await told(page)).diagnose).toContain('X-Frame-Options: DENY')
})

test.describe('where a frame has no cookies', () => {
  test.use({ pairKind: 'cross-site' })

  test('third-party cookies', async ({ page, pair, createClient, signIn }) => {
    await page.goto('/')
    await createClient(page)
    await logInToCallback(page, pair, signIn)
    await createClient(page)
    const said = { ...(await told(page)), doctor: await doctorSays(pair) }
    expect(said.diagnose).toContain('are on different sites')
    expect(said.doctor).toContain('are on different sites')
    expectRow('Third-party cookies are blocked', said, pair)
  })
})

test('the table has a row for each set-up, and at least 27 of 30 points', () => {
  const spec = readFileSync(new URL('diagnosis.spec.ts', import.meta.url), 'utf8')
  const rows = [
    ...manual.matchAll(/^\| ([A-Z][^|]+) \| `?(?:explain|diagnose|doctor)`? \|.* \| (\d) \|$/gm),
  ]
  const setUps = [...manual.matchAll(/^\| ([A-Z][^|]+) \| `Sotto/gm)].map(([, setUp]) => setUp)
  expect(rows.map(([, setUp]) => setUp)).toEqual(setUps)
  for (const setUp of setUps) expect(spec).toContain(`'${setUp}'`)
  // The ID token for another client was added to the ten.
  const scores = rows.filter(([, setUp]) => setUp !== 'The ID token is for another client')
  expect(scores).toHaveLength(10)
  expect(scores.reduce((sum, [, , points]) => sum + Number(points), 0)).toBeGreaterThanOrEqual(27)
})
