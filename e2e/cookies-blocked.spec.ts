// What is concluded where a server on another host answers the first silent request after a login
// with `login_required`.
import type { Page } from '@playwright/test'
import { expect, seenBy, statusOf, test } from './support/app-test.ts'

/** Asks, and tells how it ended. */
function ask(page: Page): Promise<unknown> {
  return page.evaluate(() =>
    auth.getTokenSilently().then(
      () => 'a token',
      ({ code, reason, evidence }: Record<string, unknown>) => ({ code, reason, evidence }),
    ),
  )
}

const suspected = {
  code: 'login_required',
  reason: 'cookies_blocked_suspected',
  evidence: { alternative: 'session_ended' },
}
const plain = { code: 'login_required', reason: undefined, evidence: undefined }
const IN_A_FRAME = 'GET authorize in a frame'

test.describe('where cookies do not reach a frame', () => {
  test.use({ pairKind: 'cross-site' })

  // covers fault:frame-cookies
  test(
    'each call is told of the suspicion, and tries all the same',
    { tag: '@firefox' },
    async ({ page, pair, logIn, openApp }) => {
      await logIn(page)
      pair.control.clearRequests()
      for (let round = 0; round < 2; round++) {
        await openApp(page)
        expect(await ask(page)).toEqual(suspected)
      }
      expect(seenBy(pair).filter((request) => request === IN_A_FRAME)).toHaveLength(2)
    },
  )

  test(
    'nothing is suspect once the server has said something else since the login',
    { tag: '@firefox' },
    async ({ page, pair, logIn, openApp }) => {
      await logIn(page)
      const set = { error: 'consent_required' }
      pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set, times: 1 })
      await openApp(page)
      expect(await ask(page)).toMatchObject({ code: 'consent_required' })
      await openApp(page)
      expect(await ask(page)).toEqual(plain)
    },
  )
})

test('nothing is suspect where server and app are on one host', async ({
  page,
  pair,
  logIn,
  openApp,
}) => {
  await logIn(page)
  pair.control.endSessions()
  await openApp(page)
  expect(await ask(page)).toEqual(plain)
})

test.describe('where third-party cookies are allowed', () => {
  test.use({ pairKind: 'cross-site-https', thirdPartyCookies: 'allowed' })

  test('nothing is suspect once a silent request has succeeded since the login', async ({
    page,
    pair,
    logIn,
    openApp,
  }) => {
    await logIn(page)
    await openApp(page)
    expect(await ask(page)).toBe('a token')
    pair.control.endSessions()
    await openApp(page)
    expect(await ask(page)).toEqual(plain)
  })

  test('blocked from then on, they cost the renewal, and neither the session nor the token that is left', async ({
    page,
    pair,
    logIn,
  }) => {
    await logIn(page)
    const renew = (): Promise<unknown> =>
      page.evaluate(() =>
        auth.getTokenSilently({ cacheMode: 'off' }).then(
          () => 'a token',
          ({ code, reason }: Record<string, unknown>) => ({ code, reason }),
        ),
      )
    expect(await renew()).toBe('a token')
    pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
    expect(await renew()).toEqual({ code: 'login_required', reason: undefined })
    expect(await statusOf(page)).toBe('authenticated')
    expect(await ask(page)).toBe('a token')
    pair.control.clearFaults()
    // The answer before is remembered for five seconds, but not for a forced one.
    expect(await renew()).toBe('a token')
  })
})
