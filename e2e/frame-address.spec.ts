// Hosts tidy addresses: what comes back to a redirect URI may be at another address by the time it
// is read.
import { expect, statusOf, test as login } from './support/app-test.ts'
import { serveCallbackPage, test } from './support/silent-modes.ts'

const html = { 'content-type': 'text/html; charset=utf-8' }

const TIDIED = [
  { from: '/silent.html', to: '/silent' },
  { from: '/callback', to: '/callback/' },
] as const

for (const responseMode of ['query', 'fragment'] as const)
  for (const { from, to } of TIDIED)
    test(`takes the ${responseMode} of a frame that was sent on from ${from} to ${to}`, async ({
      pair,
      ask,
    }) => {
      pair.app.tidy(from, to)
      pair.app.respondWith(to, { headers: html, body: '' })
      const outcome = await ask({ responseMode, callbackUri: from })
      expect(outcome.value).toMatch(/^ey/)
    })

for (const responseMode of ['query', 'fragment'] as const)
  test(`takes the ${responseMode} that the callback page posts from a tidied address`, async ({
    pair,
    ask,
  }) => {
    const body = serveCallbackPage(pair)
    pair.app.tidy('/silent.html', '/silent')
    pair.app.respondWith('/silent', { headers: html, body })
    const outcome = await ask({ responseMode, callbackUri: '/silent.html', allowScripts: true })
    expect(outcome.value).toMatch(/^ey/)
  })

for (const iss of ['with iss', 'without iss'] as const)
  login(
    `finishes a login that came back to a tidied address, ${iss}`,
    async ({ page, pair, openApp, makeClient, signIn }) => {
      if (iss === 'without iss') {
        const remove = ['authorization_response_iss_parameter_supported']
        pair.control.addFault({ endpoint: 'discovery', name: 'metadata', remove })
        const parameters = { name: 'authorizationResponse', remove: ['iss'] } as const
        pair.control.addFault({ endpoint: 'authorize', ...parameters })
      }
      pair.app.tidy('/callback', '/callback/')
      await openApp(page, '/orders')
      await page.evaluate(() => void auth.loginWithRedirect())
      await signIn(page)
      await page.waitForURL(/\/callback\/\?/)
      await makeClient(page)
      await page.evaluate(() => auth.start())
      expect(await statusOf(page)).toBe('authenticated')
    },
  )

test('does not take an answer at an address that is no tidied redirect URI', async ({
  pair,
  ask,
}) => {
  pair.app.tidy('/silent.html', '/elsewhere')
  pair.app.respondWith('/elsewhere', { headers: html, body: '' })
  const outcome = await ask({ responseMode: 'query', callbackUri: '/silent.html', timeoutMs: 3000 })
  expect(outcome.code).toMatch(/^silent_/)
  expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
})
