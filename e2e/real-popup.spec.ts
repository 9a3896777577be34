// Logins and tokens by popup, against oidc-provider.
import { signInThere } from './support/popup.ts'
import { expect, seenByReal, test } from './support/real-test.ts'
import { serveCallbackPage } from './support/silent-modes.ts'

for (const responseMode of ['query', 'fragment'] as const)
  test(`logs in by popup, and gets a token by another, by ${responseMode}`, async ({
    page,
    pair,
    realServer,
    openApp,
  }) => {
    serveCallbackPage(pair)
    await openApp(page)
    const options = { redirectUri: '/silent.html', responseMode }
    const [popup, login] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluateHandle(
        (given) => ({ outcome: outcomeOf(sotto.loginWithPopup(auth, given)) }),
        options,
      ),
    ])
    await signInThere(popup)
    const user = { user: { sub: 'alice' } }
    expect(await login.evaluate(({ outcome }) => outcome)).toMatchObject({ value: user })
    realServer.forgetRequests()
    const token = await page.evaluate(
      (given) => outcomeOf(sotto.getTokenWithPopup(auth, { ...given, scope: 'openid' })),
      options,
    )
    expect(token.value).toMatch(/^[\w-]{20,}$/)
    expect(seenByReal(realServer)).toEqual(['GET authorize', 'POST token'])
    expect(await page.evaluate(() => auth.getTokenSilently({ scope: 'openid' }))).toBe(token.value)
  })
