// Pushed authorization requests (PAR): by redirect, in the hidden frame, and by the whole page.
import { expect, test } from './support/bound.ts'

test.use({ serverOptions: { pushedAuthorizationRequests: 'required' } })

const PUSHED = { par: true } as const
const REFERENCE = ['client_id', 'request_uri']

// covers spec:par-pushed spec:par-once
test(
  'a login and a silent request are pushed, each by itself',
  { tag: '@firefox' },
  async ({ page, pair, logInWith }) => {
    const visited: string[] = []
    page.on('request', (request) => {
      if (request.isNavigationRequest()) visited.push(request.url())
    })
    expect(await logInWith(page, PUSHED)).toBe('authenticated')
    const token = await page.evaluate(() => auth.getTokenSilently())
    const next = await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
    expect(next).not.toBe(token)
    const seen = pair.control.requests().filter(({ method }) => method !== 'OPTIONS')
    const pushes = seen.filter(({ endpoint }) => endpoint === 'par')
    const asked = seen.filter(({ endpoint }) => endpoint === 'authorize')
    expect(pushes).toHaveLength(2)
    expect(asked.map(({ names }) => names)).toEqual([REFERENCE, REFERENCE])
    expect(asked[1]?.secFetchDest).toBe('iframe')
    expect(pushes[1]?.parameters['prompt']).toBe('none')
    expect(new Set(asked.map(({ query }) => query)).size).toBe(2)
    // Nothing that anybody could change, or read in a log, is in an address.
    const addresses = visited.filter((url) => url.startsWith(pair.issuer))
    expect(addresses.join()).not.toMatch(/state=|nonce=|code_challenge=|scope=/)
  },
)

// covers spec:par-pushed
test('needs no preflight', async ({ page, pair, logInWith }) => {
  await logInWith(page, PUSHED)
  const methods = pair.control.requests({ endpoint: 'par' }).map(({ method }) => method)
  expect(methods).toEqual(['POST'])
})

// covers spec:par-pushed
test('a silent request by the whole page is pushed too', async ({ page, pair, logInWith }) => {
  await logInWith(page, PUSHED)
  await page.goto('/')
  pair.control.clearRequests()
  const ask = (issuer: string): void => {
    globalThis.auth = sotto.createAuthClient({
      issuer,
      clientId: 'app',
      redirectUri: '/callback',
      par: sotto.pushedAuthorizationRequest(),
      renewal: [sotto.silentRedirect()],
    })
    void auth.start()
  }
  await page.evaluate(ask, pair.issuer)
  await page.waitForURL(/\/callback[?#]/)
  const [asked] = pair.control.requests({ endpoint: 'authorize' })
  expect(asked?.names).toEqual(REFERENCE)
  expect(pair.control.requests({ endpoint: 'par' })[0]?.parameters['prompt']).toBe('none')
})

// covers spec:par-required fault:par-required
test('without the option nothing is left, and the error says what is missing', async ({
  page,
  pair,
  make,
}) => {
  await page.goto('/')
  await make(page, {})
  const login = () => page.evaluate(() => outcomeOf(auth.loginWithRedirect()))
  expect(await login()).toEqual({ code: 'config_invalid', reason: 'par' })
  const silent = await page.evaluate(() => outcomeOf(auth.getTokenSilently()))
  expect(silent).toEqual({ code: 'config_invalid', reason: 'par' })
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
})

// covers spec:par-never-front fault:par-refused
test('the page stays where pushing fails, and no frame is left', async ({ page, pair, make }) => {
  await page.goto('/')
  await make(page, PUSHED)
  pair.control.addFault({ endpoint: 'par', name: 'oauthError', error: 'invalid_scope' })
  expect(await page.evaluate(() => outcomeOf(auth.loginWithRedirect()))).toEqual({
    code: 'authorization_error',
    oauthError: 'invalid_scope',
  })
  pair.control.clearFaults()
  pair.control.addFault({ endpoint: 'par', name: 'noCors' })
  expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
    code: 'network_error',
  })
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
})

// covers spec:dpop-code-tied
test('with bound tokens the key is among what is pushed', async ({ page, pair, logInWith }) => {
  expect(await logInWith(page, { par: true, dpop: true })).toBe('authenticated')
  const details = await page.evaluate(() => auth.getTokenSilently({ detailed: true }))
  expect(details.tokenType).toBe('DPoP')
  const [push] = pair.control.requests({ endpoint: 'par' })
  expect(push?.parameters['dpop_jkt']).toMatch(/^[\w-]{43}$/)
})
