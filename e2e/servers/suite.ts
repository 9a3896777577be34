// Eight steps with a server that nobody here wrote. SOTTO_SERVER names it, and `npm run
// test:servers` has installed it. What each step shows is put into words, and these are compared.
import { expect, test as base } from '@playwright/test'
import { type AppServer, serveApp } from '../support/app-server.ts'
import { prepareFolder } from './install.ts'
import { BY_THE_BOOK, type Step } from './outcomes.ts'
import type { RunningServer } from './server.ts'
import { findServer } from './servers.ts'
import { beginVisit, type Visit } from './visit.ts'

const server = findServer(process.env['SOTTO_SERVER'] ?? '')

const test = base.extend<
  { readonly visit: Visit },
  { readonly app: AppServer; readonly running: RunningServer }
>({
  app: [
    // Playwright calls for a destructured parameter.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const app = await serveApp({ host: 'localhost' })
      await use(app)
      await app.close()
    },
    { scope: 'worker' },
  ],
  running: [
    async ({ app }, use) => {
      const running = await server.start(prepareFolder(server.name), app.origin)
      await use(running)
      await running.close()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ app }, use) => use(app.origin),
  visit: async ({ page, app, running }, use) => {
    // Nothing of a server's pages comes from elsewhere.
    await page.route(
      ({ hostname }) => hostname !== 'localhost',
      (route) => route.abort(),
    )
    await use(beginVisit(page, server, running, app.origin))
    expect(app.uncaught, 'errors that nobody caught').toEqual([])
  },
})

/** One step: `take` puts what it sees into words. */
function step(name: Step, title: string, take: (visit: Visit) => Promise<string>): void {
  test(`${server.name}: ${title}`, async ({ visit }) => {
    const outcome = await take(visit)
    // `npm run test:servers` makes the table of these.
    test.info().annotations.push({ type: name, description: outcome })
    expect(outcome).toBe(server.expected?.[name] ?? BY_THE_BOOK[name])
  })
}

step('login', 'logs in', ({ tryLogIn }) => tryLogIn())

step('claims', 'tells who the user is', async ({ page, logIn }) => {
  await logIn()
  return page.evaluate(async () => {
    const list = (claims: object | undefined) =>
      ['name', 'email'].filter((name) => claims && name in claims).join(', ') || 'neither'
    const user = await auth.getUser()
    if (!user?.sub) return 'no user'
    const more = sotto.fetchUserInfo(auth).then(list)
    return `ID token: ${list(user)}; UserInfo: ${await tell(more)}`
  })
})

step('silent', 'renews silently, and restores the session after a reload', async (visit) => {
  await visit.logIn({ renewal: 'frame' })
  const renewed = await visit.renew()
  if (renewed !== 'a token') return renewed
  const status = await visit.reload({ renewal: 'frame' })
  if (status !== 'authenticated') return `${status} after a reload`
  return visit.lastSilentRequest()?.get('response_mode') ?? 'query'
})

step('refresh', 'renews thrice by refresh token', async (visit) => {
  const { page, logIn, renew, sentRefreshTokens } = visit
  const scope = server.refreshScope ?? 'openid profile email offline_access'
  await logIn({ renewal: 'refresh', scope })
  for (const _ of Array.from({ length: 3 })) {
    // So that what bears a time has another one: some stamp `auth_time` anew.
    await page.waitForTimeout(1100)
    const renewed = await renew()
    if (renewed !== 'a token') return renewed
  }
  const sent = sentRefreshTokens()
  expect(sent.length).toBe(3)
  return new Set(sent).size === 1 ? 'stays the same' : 'rotates'
})

step('sessionOver', 'notices that the session is over', async ({ page, logIn, renew }) => {
  await logIn({ renewal: 'frame' })
  await renew()
  await page.context().clearCookies()
  const outcome = await renew()
  if (!outcome.startsWith('silent_blocked')) return outcome
  // A login page where an answer used to be: Sotto is sure after a second one, 10 s later.
  await page.waitForTimeout(10_500)
  return `${outcome}, then ${await renew()}`
})

step('logout', 'logs out at the server', async ({ logIn, logOut, probeLogin }) => {
  await logIn()
  return `${await logOut()}, ${await probeLogin()}`
})

for (const [name, title, plan] of [
  ['wrongClient', 'says that the client is unknown', { clientId: 'unknown' }],
  ['wrongRedirectUri', 'says that the redirect URI is unknown', { redirectUri: '/elsewhere' }],
] as const)
  step(name, title, async ({ open, renew }) => {
    await open({ renewal: 'frame', ...plan })
    return renew()
  })
