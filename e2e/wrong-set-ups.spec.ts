// The mistakes of docs/wrong-set-ups.md, made in a browser: what a developer is told is what the
// table there says.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { findFreePort } from '../tools/static-server.ts'
import { expect, test } from './support/fixtures.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'

const manual = readFileSync(new URL('../docs/wrong-set-ups.md', import.meta.url), 'utf8')
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { readonly version: string }

/** The message that the table has for a set-up. */
function messageFor(setUp: string): string | undefined {
  const rows = manual.split('\n').map((line) => line.split(' | '))
  return rows.find(([first]) => first === `| ${setUp}`)?.[1]?.replaceAll('`', '')
}

/** A message as the table has it: without its link, and without what differs in each run. */
function inGeneral(message: string, { issuer, app }: Pair, right = issuer): string {
  const [text = '', link] = message.split(' See ')
  const code = /^Sotto: (\w+)/.exec(text)?.[1]
  expect(link).toBe(`https://unpkg.com/sotto@${version}/docs/errors.md#${code}`)
  return (
    text
      .replaceAll(`expected ${issuer}/`, 'expected {issuer}')
      .replaceAll(`got ${right}`, 'got {right}')
      .replaceAll(right, '{issuer}')
      .replaceAll(app.origin, '{app}')
      // Counts of a frame.
      .replace(/, loads \d+|, lastLoadMs \d+/g, '')
  )
}

/** What the page's `start` ends with: the message of its error. */
function failedStart(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const snapshot = await auth.start()
    return snapshot.status === 'error' ? snapshot.error.message : snapshot.status
  })
}

/** The message of the error that a silent call rejects with. */
function failedCall(page: Page): Promise<string> {
  return page.evaluate(() =>
    auth.getTokenSilently().then(
      () => 'a token',
      ({ message }: Error) => message,
    ),
  )
}

type SignIn = (page: Page) => Promise<void>

/** Logs in up to the callback, with the client that is in the page. */
async function logInToCallback(page: Page, { issuer }: Pair, signIn: SignIn): Promise<void> {
  await page.evaluate(() => void auth.loginWithRedirect())
  await page.waitForURL(`${issuer}/**`)
  await signIn(page)
  await page.waitForURL(/\/callback/)
}

test('a wrong issuer', async ({ page, pair, createClient }) => {
  await page.goto('/')
  await createClient(page, { issuer: `${pair.issuer}/` })
  expect(inGeneral(await failedStart(page), pair)).toBe(messageFor('The issuer is misspelled'))
})

test('an issuer out of reach', async ({ page, pair, createClient }) => {
  const issuer = `http://localhost:${await findFreePort()}`
  await page.goto('/')
  await createClient(page, { issuer })
  const message = inGeneral(await failedStart(page), pair, issuer)
  expect(message).toBe(messageFor('The issuer cannot be reached'))
})

test('a redirect URI that is not registered', async ({ page, pair, createClient }) => {
  await page.goto('/')
  await createClient(page, { redirectUri: '/not-registered' })
  const message = inGeneral(await failedStart(page), pair)
  expect(message).toBe(messageFor('The redirect URI is not registered'))
})

const atTheCallback = [
  ['The token endpoint has no CORS headers', { endpoint: 'token', name: 'noCors' }],
  [
    'The client wants a secret',
    { endpoint: 'token', name: 'oauthError', error: 'invalid_client', status: 401 },
  ],
  [
    'The server knows no such audience',
    {
      endpoint: 'authorize',
      name: 'authorizationResponse',
      set: { error: 'invalid_target' },
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
    // The session is there: what fails is the login, and not a silent request after it.
    pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
    await createClient(page, options)
    expect(inGeneral(await failedStart(page), pair)).toBe(messageFor(setUp))
  })

test('a page over plain http', async ({ page, pair, createClient }) => {
  // A name that is not this machine's, without a name server.
  await page.route('http://shop.example/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    await route.fulfill({ response: await page.request.get(pair.app.origin + pathname) })
  })
  await page.goto('http://shop.example/')
  await createClient(page)
  const message = inGeneral(await failedStart(page), pair)
  expect(message).toBe(messageFor('The page is served over plain http'))
})

test('a clock that is two hours ahead', async ({ page, pair, createClient, signIn }) => {
  await page.addInitScript(() => {
    const now = Date.now
    Date.now = () => now() + 7_200_000
  })
  await page.goto('/')
  await createClient(page)
  await logInToCallback(page, pair, signIn)
  const said = page.waitForEvent('console', (message) => message.type() === 'warning')
  const status = await page.evaluate(
    async ([issuer, clientId]) => {
      const options = { issuer, clientId, redirectUri: '/callback', logger: console }
      globalThis.auth = sotto.createAuthClient(options)
      return (await auth.start()).status
    },
    [pair.issuer, CLIENT_ID] as const,
  )
  expect(status).toBe('authenticated')
  // The text, without the event that stands beside it.
  const [text = ''] = (await said).text().split(' {')
  const message = inGeneral(text, pair).replace(/\d{4}/, '{seconds}')
  expect(message).toBe(messageFor('The clock of the device is off'))
})

test('a content security policy', async ({ page, pair, createClient }) => {
  const headers = { 'content-security-policy': "frame-src 'none'" }
  pair.app.respondWith('/', { headers })
  await page.goto('/')
  await createClient(page)
  const message = inGeneral(await failedStart(page), pair)
  expect(message).toBe(messageFor('A content security policy forbids the frame'))
})

test.describe('where a frame has no cookies', () => {
  test.use({ pairKind: 'cross-site' })

  test('third-party cookies', async ({ page, pair, createClient, signIn }) => {
    await page.goto('/')
    await createClient(page)
    await logInToCallback(page, pair, signIn)
    await createClient(page)
    expect(await page.evaluate(async () => (await auth.start()).status)).toBe('authenticated')
    await page.goto('/')
    await createClient(page)
    const message = inGeneral(await failedCall(page), pair)
    expect(message).toBe(messageFor('Third-party cookies are blocked'))
  })
})

test('every row of the table is one that was made here', () => {
  const spec = readFileSync(new URL('wrong-set-ups.spec.ts', import.meta.url), 'utf8')
  const setUps = [...manual.matchAll(/^\| ([A-Z][^|]+) \| `Sotto/gm)].map(([, setUp = '']) => setUp)
  expect(setUps).toHaveLength(11)
  for (const setUp of setUps) expect(spec).toContain(`'${setUp}'`)
})
