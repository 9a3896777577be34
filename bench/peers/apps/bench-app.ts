// What all four apps have in common: a page that finds out who is signed in, says when it knows,
// and has a button to log in. The library is all that differs.

export const APPS = ['floor', 'sotto', 'sotto-metadata', 'auth0-spa-js', 'oidc-client-ts'] as const
/** Each library as it comes, and the requests by hand. */
export const PLAIN_APPS = APPS.filter((app) => app !== 'sotto-metadata')
export type AppName = (typeof APPS)[number]

/**
 * How the session is kept and renewed: in memory and by `web_message` (oidc-client-ts: by a page of
 * the app in the frame), in `localStorage`, in IndexedDB, in memory and by a redirect of the frame,
 * in memory and with a refresh token, in `localStorage` and with a refresh token, for tabs.
 */
export const MODES = ['memory', 'local', 'indexed', 'frame', 'refresh', 'tabs'] as const
export type Mode = (typeof MODES)[number]

export interface Setting {
  readonly app: AppName
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly silentUri: string
  readonly mode: Mode
}

export interface App {
  /** Resolves with the user's `sub`, or with nothing. */
  readonly start: () => Promise<string | undefined>
  readonly finishLogin: () => Promise<string | undefined>
  readonly login: () => Promise<unknown>
  /** A new token, whatever the cache has. */
  readonly renew: () => Promise<unknown>
  /** A token, as an app asks for one before a call to its API. */
  readonly getToken?: () => Promise<unknown>
  /**
   * The time of a call that the cache answers, in microseconds, with so many tokens in the cache;
   * nothing where only one can be there.
   */
  readonly measureCached: (entries: number) => Promise<number | undefined>
}

export interface Known {
  readonly user: string | undefined
  /** Since the page itself was asked for, after all redirects. */
  readonly sinceFetchMs: number
  readonly sinceClickMs: number
}

declare global {
  /** Written in by the build. */
  const ISSUER: string
  function reportKnown(known: Known): Promise<void>
  interface Window {
    app: App
  }
}

const CLIENT_IDS: Readonly<Record<string, string>> = { refresh: 'app-refresh', tabs: 'app-tabs' }

/** Which setting a page has is in its address: `/sotto/memory/callback`. */
export function readSetting(): Setting {
  const [, app = '', mode = ''] = location.pathname.split('/')
  return {
    app: app as AppName,
    issuer: ISSUER,
    clientId: CLIENT_IDS[mode] ?? 'app',
    redirectUri: `${location.origin}/${app}/${mode}/callback`,
    silentUri: `${location.origin}/${app}/silent.html`,
    mode: mode as Mode,
  }
}

export async function run(app: App): Promise<void> {
  window.app = app
  document.querySelector('button')?.addEventListener('click', () => {
    sessionStorage.setItem('clicked', String(performance.timeOrigin + performance.now()))
    void app.login()
  })
  const user = await (location.pathname.endsWith('/callback') ? app.finishLogin() : app.start())
  const now = performance.now()
  const [navigation] = performance.getEntriesByType('navigation')
  const { fetchStart } = navigation as PerformanceNavigationTiming
  await reportKnown({
    user,
    sinceFetchMs: now - fetchStart,
    sinceClickMs: performance.timeOrigin + now - Number(sessionStorage.getItem('clicked')),
  })
}

/** The median of fifty batches, each long enough for the clock of a page. */
export async function timeCall(call: () => Promise<unknown>): Promise<number> {
  const batches: number[] = []
  for (let batch = 0; batch < 50; batch++) {
    const begin = performance.now()
    for (let index = 0; index < 2000; index++) await call()
    batches.push((performance.now() - begin) / 2)
  }
  return batches.sort((a, b) => a - b)[25] ?? Number.NaN
}
