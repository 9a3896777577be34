// @vitest-environment happy-dom
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

/** Options of calls, as a gadget in another library might set them: data, no functions. */
const POLLUTION = {
  ...{ scope: 'evil', audience: 'https://evil.example', resource: 'https://evil.example' },
  ...{ authorizationParams: { login_hint: 'evil' }, acrValues: 'evil', maxAge: 0 },
  ...{ returnTo: 'https://evil.example', appState: 'evil', url: 'https://evil.example' },
  ...{ cacheMode: 'off', detailed: true, onLoginRequired: 'redirect', timeoutMs: 1 },
  ...{ toJSON: 'evil', 0: 'evil', codeVerifier: 'evil', generation: 'evil', sub: 'evil' },
}

test('a login and a call are the same on a page whose prototypes somebody filled with data', async () => {
  const clean = createClient()
  const page = createClient({}, { server: clean.server })
  await clean.auth.loginWithRedirect()
  Object.assign(Object.prototype, POLLUTION)
  onTestFinished(heal)
  try {
    await page.auth.loginWithRedirect()
    await page.auth.handleRedirectCallback({ url: page.answer('alice') })
    const token = await page.auth.getTokenSilently()
    expect(token).toMatch(/^ey/)
    expect(await page.auth.getTokenSilently()).toBe(token)
    const renewed = await page.auth.getTokenSilently({ cacheMode: 'off', detailed: true })
    expect(renewed).toMatchObject({ scope: 'email openid profile' })
    expect(await page.auth.getTokenSilently()).toBe(renewed.accessToken)
    const start = await page.auth.start()
    expect(start.status).toBe('authenticated')
  } finally {
    heal()
  }
  await passTime(1)
  const parametersOf = (url: URL | undefined): unknown =>
    Object.fromEntries([...url!.searchParams].filter(([name]) => !SECRETS.test(name)))
  expect(parametersOf(page.visits[0])).toEqual(parametersOf(clean.visits[0]))
  expect(page.renewal.requests).toHaveLength(1)
  expect(page.warnings).toEqual([])
})

const SECRETS = /^(state|nonce|code_challenge)$/

function heal(): void {
  for (const name of Object.keys(POLLUTION))
    delete (Object.prototype as Record<string, unknown>)[name]
}
