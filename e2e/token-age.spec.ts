// How old a token is counts from when its answer arrived, whoever asks for it, and whatever the
// clock says.
import { installClock, passTime } from './support/clock.ts'
import { expect, test } from './support/two-issuers.ts'

test('a client that comes four seconds after a callback is told the age of its token', async ({
  page,
  pair,
  logInToCallback,
}) => {
  await page.addInitScript(installClock)
  await logInToCallback('honest')
  await page.evaluate(() => honest.handleRedirectCallback())
  await passTime(pair, [page], 4)
  const expiresIn = await page.evaluate(async () => {
    const late = makeTwin('honest')
    await late.handleRedirectCallback()
    return (await late.getTokenSilently({ detailed: true })).expiresIn
  })
  expect(expiresIn).toBeLessThanOrEqual(296)
})
