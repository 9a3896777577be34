// A client that is made later, at the address of a callback that another client of the page has
// finished.
import { installClock, passTime } from './support/clock.ts'
import { expect, test } from './support/two-issuers.ts'

test.describe('two hours after a callback', () => {
  test.beforeEach(({ page }) => page.addInitScript(installClock))

  test('a second client starts with a token of its own', async ({
    page,
    pair,
    logInToCallback,
  }) => {
    await logInToCallback('honest')
    await page.evaluate(() => honest.handleRedirectCallback())
    const old = await page.evaluate(() => honest.getTokenSilently())
    await passTime(pair, [page], 7200)
    const { status, token } = await page.evaluate(async () => {
      const late = makeTwin('honest')
      const { status } = await late.start()
      return { status, token: await late.getTokenSilently({ detailed: true }) }
    })
    expect(status).toBe('authenticated')
    expect(token.accessToken).not.toBe(old)
    expect(token.expiresIn).toBeGreaterThan(200)
    expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(2)
  })

  test('a second client has no callback to handle', async ({ page, pair, logInToCallback }) => {
    await logInToCallback('honest')
    await page.evaluate(() => honest.handleRedirectCallback())
    await passTime(pair, [page], 7200)
    const outcome = await page.evaluate(() => endOf(makeTwin('honest').handleRedirectCallback()))
    expect(outcome).toEqual({ code: 'state_unknown' })
  })
})
