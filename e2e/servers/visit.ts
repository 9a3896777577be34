import type { Page, Request } from '@playwright/test'
import { arriveAtCallback } from '../support/app-test.ts'
import { type ClientPlan, createClientInPage } from './client.ts'
import type { RunningServer, Server } from './server.ts'

/** One browser without cookies, in the app, with a client of the server. */
export interface Visit {
  readonly page: Page
  /** Opens the app's first page, with a client there. */
  readonly open: (plan?: Partial<ClientPlan>) => Promise<void>
  /** Logs in from the app's first page, and back; resolves with the status then. */
  readonly tryLogIn: (plan?: Partial<ClientPlan>) => Promise<string>
  /** Does the same, and rejects where nobody is signed in then. */
  readonly logIn: (plan?: Partial<ClientPlan>) => Promise<void>
  /** Loads the page again, with a new client. */
  readonly reload: (plan?: Partial<ClientPlan>) => Promise<string>
  /** Begins a login and sees whether the server asks for the user. */
  readonly probeLogin: () => Promise<'asks again' | 'signed in again'>
  /** Logs out, and says where that ends. */
  readonly logOut: () => Promise<'comes back' | 'stays at the server' | 'only here'>
  /** Asks for a new token, past the cache. */
  readonly renew: () => Promise<string>
  /** The parameters of the last request that a hidden frame was loaded with. */
  readonly lastSilentRequest: () => URLSearchParams | undefined
  /** The refresh tokens that were sent, in order. */
  readonly sentRefreshTokens: () => readonly string[]
}

/** Begins a visit: what the page asks the server for is noted from here on. */
export function beginVisit(
  page: Page,
  { settings, logIn, loginForm = 'form', confirmLogout }: Server,
  { issuer, clientId }: RunningServer,
  appOrigin: string,
): Visit {
  const requests: Request[] = []
  page.on('request', (request) => requests.push(request))
  const create = (plan: Partial<ClientPlan>): Promise<void> =>
    page.evaluate(createClientInPage, { issuer, clientId, ...settings, ...plan })
  const start = (): Promise<string> =>
    page.evaluate(async () => {
      const snapshot = await auth.start()
      return snapshot.status === 'error' ? tell(Promise.reject(snapshot.error)) : snapshot.status
    })
  const open: Visit['open'] = async (plan = {}) => {
    await page.goto('/')
    await create(plan)
  }
  /** Begins what leaves the page; resolves with what it says if it does not leave. */
  const leave = async (from: string, begin: () => Promise<string>): Promise<string | undefined> => {
    const isElsewhere = ({ pathname }: URL): boolean => pathname !== from
    const left = page.waitForURL(isElsewhere, { waitUntil: 'commit' }).then(() => undefined)
    // It stays pending while the page leaves; then there is no page that could tell.
    return Promise.race([left, page.evaluate(begin).catch(() => left)])
  }
  const isBack = (): boolean => new URL(page.url()).origin === appOrigin
  const tryLogIn: Visit['tryLogIn'] = async (plan = {}) => {
    await open(plan)
    const failure = await leave('/', () => tell(auth.loginWithRedirect({ returnTo: '/orders' })))
    if (failure !== undefined) return failure
    await logIn(page)
    await arriveAtCallback(page)
    await create(plan)
    return start()
  }
  return {
    page,
    open,
    tryLogIn,
    logIn: async (plan = {}) => {
      const status = await tryLogIn(plan)
      if (status !== 'authenticated') throw new Error(`the login has ended as ${status}`)
    },
    reload: async (plan = {}) => {
      await page.reload()
      await create(plan)
      return start()
    },
    probeLogin: async () => {
      await open()
      await leave('/', () => tell(auth.loginWithRedirect()))
      const form = page.locator(loginForm).first()
      await Promise.race([arriveAtCallback(page), form.waitFor()])
      return isBack() ? 'signed in again' : 'asks again'
    },
    logOut: async () => {
      const stayed = await leave('/orders', () => tell(auth.logout({ postLogoutRedirectUri: '/' })))
      if (stayed !== undefined) return 'only here'
      if (!isBack()) await confirmLogout?.(page)
      const back = page.waitForURL(({ origin }) => origin === appOrigin, { timeout: 8000 })
      return back.then(
        () => 'comes back' as const,
        () => 'stays at the server' as const,
      )
    },
    renew: () =>
      page.evaluate(() => tell(auth.getTokenSilently({ cacheMode: 'off' }).then(() => 'a token'))),
    lastSilentRequest: () => {
      const silent = requests.filter((request) => request.url().includes('prompt=none'))
      return silent.length > 0 ? new URL(silent.at(-1)!.url()).searchParams : undefined
    },
    sentRefreshTokens: () =>
      requests.flatMap((request) => {
        const body = new URLSearchParams(request.method() === 'POST' ? request.postData()! : '')
        return body.get('refresh_token') ?? []
      }),
  }
}
