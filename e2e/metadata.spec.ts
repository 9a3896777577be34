import type { AuthError } from 'sotto'
import { expect, statusOf, test } from './support/app-test.ts'

// covers fault:metadata-redirect
test('metadata that are sent on to an address with a slash are read there', async ({
  page,
  pair,
  logIn,
}) => {
  pair.control.addFault({ endpoint: 'discovery', name: 'trailingSlash' })
  await logIn(page)
  expect(await statusOf(page)).toBe('authenticated')
})

// covers fault:metadata-unreachable
test('metadata that are sent on to another origin are refused', async ({ page, pair, openApp }) => {
  const location = `${pair.hostile.origin}/.well-known/openid-configuration`
  const metadata = {
    issuer: pair.issuer,
    authorization_endpoint: `${pair.hostile.origin}/authorize`,
    token_endpoint: `${pair.hostile.origin}/token`,
    jwks_uri: `${pair.hostile.origin}/jwks`,
  }
  pair.hostile.respondWith('/.well-known/openid-configuration', {
    headers: { 'access-control-allow-origin': '*', 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })
  pair.control.addFault({ endpoint: 'discovery', name: 'redirect', location })
  await openApp(page)
  const outcome = await page.evaluate(() =>
    auth
      .loginWithRedirect()
      .catch((error: AuthError) => ({ code: error.code, reason: error.reason })),
  )
  expect(outcome).toEqual({ code: 'discovery_failed', reason: 'redirect' })
  expect(page.url()).toBe(`${pair.app.origin}/`)
})
