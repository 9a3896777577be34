// Silent authentication without `web_message`, against oidc-provider.
import type { Page } from '@playwright/test'
import { expect, seenByReal, test } from './support/real-test.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'

/** Asks with a new client, whose server redirects the frame to an empty page of the app. */
function askScriptless(page: Page, { issuer }: Pair, responseMode: 'query' | 'fragment') {
  return page.evaluate(
    ({ mode, ...client }) => {
      // A client that is left would share its session.
      globalThis.auth?.dispose()
      globalThis.auth = sotto.createAuthClient({
        ...client,
        redirectUri: '/callback',
        renewal: [sotto.silentIframe({ responseMode: mode, callbackUri: '/silent.html' })],
      })
      return outcomeOf(auth.getTokenSilently())
    },
    { issuer, clientId: CLIENT_ID, mode: responseMode },
  )
}

for (const responseMode of ['query', 'fragment'] as const) {
  test(`renews by ${responseMode}, and says login_required where the session is over`, async ({
    page,
    context,
    pair,
    realServer,
    logIn,
  }) => {
    pair.app.respondWith('/silent.html', { body: '' })
    await logIn(page)
    realServer.forgetRequests()
    const renewed = await askScriptless(page, pair, responseMode)
    expect(renewed.value).toMatch(/^[\w-]{20,}$/)
    expect(seenByReal(realServer)).toEqual(
      expect.arrayContaining(['GET authorize in a frame', 'POST token']),
    )
    await context.clearCookies()
    expect(await askScriptless(page, pair, responseMode)).toMatchObject({
      code: 'login_required',
      oauthError: 'login_required',
    })
    expect(pair.app.boots.filter(({ framed }) => framed)).toEqual([])
  })
}
