// A silent request that is answered late does not undo what another tab has done meanwhile.
import { deafen } from './support/deafen.ts'
import { expect, lastRenewal, renew, type Said, start, test } from './support/said-client.ts'

const SAID: Said = { storage: 'IndexedDB', renewal: ['refresh', 'frame'], timeoutMs: 30_000 }

for (const hearing of ['hears of it', 'hears nothing'])
  test(`a late login_required leaves the login alone that another tab has finished, in a tab that ${hearing}`, async ({
    page,
    context,
    pair,
    logIn,
    openAnother,
    make,
    signIn,
  }) => {
    test.setTimeout(60_000)
    pair.control.setLives({ accessTokenSeconds: 1 })
    await logIn(page, SAID)
    if (hearing === 'hears nothing') await context.addInitScript(deafen)
    const other = await openAnother(SAID)
    const cached = () => other.evaluate(() => auth.getTokenSilently({ cacheMode: 'cache-only' }))
    await expect.poll(cached).toBe(undefined)
    pair.control.setLives({ accessTokenSeconds: 300 })
    pair.control.endSessions()
    pair.control.revokeRefreshTokens()
    // Judged now, and heard of later.
    pair.control.addFault({ endpoint: 'authorize', name: 'lateAnswer', ms: 14_000, times: 1 })
    let isAnswered = false
    const late = renew(other).finally(() => (isAnswered = true))
    await expect.poll(() => pair.control.requests({ endpoint: 'authorize' }).length).toBe(1)

    await page.evaluate(() => void auth.loginWithRedirect())
    await signIn(page)
    await page.waitForURL(/\/callback/)
    await make(page, SAID)
    expect(await start(page)).toBe('authenticated')
    // Else nothing was late.
    expect(isAnswered).toBe(false)
    await late

    // A frame shall not help: only what is stored.
    pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
    const third = await openAnother(SAID)
    expect(await renew(third)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    expect(await lastRenewal(third)).toBe('refresh_token')
  })
