// Bound tokens and pushed requests at oidc-provider, which demands them, proofs with its nonces.
import type { Page } from '@playwright/test'
import { claimsOf, expect, seenByReal, test } from './support/real-test.ts'
import { API } from './support/real-provider.ts'
import { storedThumbprint } from './support/bound.ts'

const off = (page: Page) =>
  page.evaluate(() => outcomeOf(auth.getTokenSilently({ cacheMode: 'off', detailed: true })))

test.describe('a server that demands proofs with nonces', () => {
  test.use({ demands: ['dpop'] })

  // covers spec:dpop-proof spec:dpop-nonce spec:dpop-code-tied
  test('a login, refreshes and UserInfo', async ({ page, realServer, logInWith }) => {
    const settings = { dpop: true, refreshes: true, storage: 'localStorage' } as const
    expect(await logInWith(page, settings)).toBe('authenticated')
    const posts = () => seenByReal(realServer).filter((request) => request === 'POST token')
    // The first has no nonce yet.
    expect(posts()).toHaveLength(2)
    realServer.forgetRequests()
    for (let count = 0; count < 2; count++)
      expect(await off(page)).toMatchObject({ value: { tokenType: 'DPoP' } })
    expect(posts()).toHaveLength(2)
    expect(await page.evaluate(() => sotto.fetchUserInfo(auth))).toMatchObject({ sub: 'alice' })
    const proofs = realServer.requests.flatMap(({ proof }) => proof ?? [])
    expect(new Set(proofs).size).toBe(proofs.length)
  })

  // covers spec:dpop-code-tied
  test('the hidden frame, with a token that names the key', async ({
    page,
    pair,
    realServer,
    logInWith,
  }) => {
    expect(await logInWith(page, { dpop: true })).toBe('authenticated')
    realServer.forgetRequests()
    const token = await page.evaluate(
      (resource) => auth.getTokenSilently({ resource, scope: 'openid' }),
      API,
    )
    expect(claimsOf(token)['cnf']).toEqual({ jkt: await storedThumbprint(page, pair) })
    const frame = realServer.requests.find(({ destination }) => destination === 'iframe')
    expect(frame?.query.get('dpop_jkt')).toBe(await storedThumbprint(page, pair))
  })
})

test.describe('a server that demands pushed requests', () => {
  test.use({ demands: ['par', 'dpop'] })

  // covers spec:par-pushed spec:par-once
  test('a login and the hidden frame', async ({ page, realServer, logInWith }) => {
    expect(await logInWith(page, { par: true, dpop: true })).toBe('authenticated')
    expect(await off(page)).toMatchObject({ value: { tokenType: 'DPoP' } })
    const asked = realServer.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(asked.map(({ query }) => [...query.keys()])).toEqual([
      ['client_id', 'request_uri'],
      ['client_id', 'request_uri'],
    ])
    expect(seenByReal(realServer).filter((one) => one.endsWith(' par'))).toEqual([
      'POST par',
      'POST par',
    ])
  })

  // covers spec:par-required
  test('is known by its metadata', async ({ page, make }) => {
    await page.goto('/')
    await make(page, {})
    expect(await page.evaluate(() => outcomeOf(auth.loginWithRedirect()))).toEqual({
      code: 'config_invalid',
      reason: 'par',
    })
  })
})
