import { afterEach, expect, test, vi } from 'vitest'
import type { AuthClient } from 'sotto'

const options = {
  issuer: 'https://login.example.com',
  clientId: 'app',
  redirectUri: '/callback',
  onLoginRequired: 'redirect',
} as const

/** What a browser has, and what code that runs by itself would need. */
const globals = [
  ...['window', 'document', 'location', 'history', 'navigator', 'origin', 'frameElement', 'self'],
  ...['localStorage', 'sessionStorage', 'indexedDB', 'BroadcastChannel', 'Worker', 'fetch'],
  ...['addEventListener', 'setTimeout', 'setInterval', 'performance', 'reportError'],
]

afterEach(() => vi.resetModules())

/** Notes who touches a global while something runs. */
function watchGlobals(names: readonly string[], run: () => void): string[] {
  const touched: string[] = []
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))
  for (const name of names)
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => void touched.push(name),
    })
  try {
    run()
  } finally {
    names.forEach((name, index) => {
      Reflect.deleteProperty(globalThis, name)
      const descriptor = before[index]
      if (descriptor) Object.defineProperty(globalThis, name, descriptor)
    })
  }
  return touched
}

test('creating a client touches nothing of the browser', async () => {
  const sotto = await import('sotto')
  const { createAuthClient, indexedDbStorage, silentIframe, webStorage } = sotto
  const { dpop } = await import('sotto/dpop')
  const { workerVault } = await import('sotto/worker')
  const touched = watchGlobals(globals, () => {
    createAuthClient(options)
    createAuthClient({ ...options, clientId: 'vaulted', renewal: [workerVault('/vault.js')] })
    createAuthClient({ ...options, tokenStorage: indexedDbStorage(), renewal: [silentIframe()] })
    createAuthClient({ ...options, tokenStorage: webStorage(() => localStorage) })
    createAuthClient({ ...options, clientId: 'bound', dpop: dpop() })
    createAuthClient({ ...options, par: sotto.pushedAuthorizationRequest() })
  })
  expect(touched).toEqual([])
})

test('the watch on globals sees who touches one', () => {
  expect(watchGlobals(globals, () => void globalThis.localStorage)).toEqual(['localStorage'])
})

test('importing works without a browser, and defines nothing', async () => {
  vi.resetModules()
  const before = Object.getOwnPropertyNames(globalThis)
  await import('sotto')
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name))
  expect(added.filter((name) => !name.startsWith('__vi'))).toEqual([])
})

test('what a server may call works', async () => {
  const { createAuthClient } = await import('sotto')
  const auth = createAuthClient(options)
  expect(auth.getSnapshot()).toEqual({ status: 'loading' })
  expect(auth.getServerSnapshot()).toEqual({ status: 'loading' })
  expect(auth.getServerSnapshot()).toBe(auth.getServerSnapshot())
  const listener = vi.fn()
  auth.subscribe(listener)()
  auth.on('session', listener)()
  auth.dispose()
  expect(listener).not.toHaveBeenCalled()
})

const calls: Record<string, (auth: AuthClient) => Promise<unknown>> = {
  start: (auth) => auth.start(),
  loginWithRedirect: (auth) => auth.loginWithRedirect(),
  handleRedirectCallback: (auth) => auth.handleRedirectCallback({ url: 'https://app.example' }),
  getTokenSilently: (auth) => auth.getTokenSilently(),
  'getTokenSilently cache-only': (auth) => auth.getTokenSilently({ cacheMode: 'cache-only' }),
  getUser: (auth) => auth.getUser(),
  getIdToken: (auth) => auth.getIdToken(),
  isAuthenticated: (auth) => auth.isAuthenticated(),
  logout: (auth) => auth.logout(),
}

test.each(Object.entries(calls))(
  '%s rejects with not_in_browser on a server',
  async (_name, call) => {
    const { createAuthClient } = await import('sotto')
    const fetch = vi.fn<typeof globalThis.fetch>()
    const auth = createAuthClient({ ...options, fetch })
    await expect(call(auth)).rejects.toMatchObject({ code: 'not_in_browser' })
    expect(fetch).not.toHaveBeenCalled()
    expect(auth.getSnapshot()).toEqual({ status: 'loading' })
  },
)

// covers spec:s256
test('a call on an insecure page says so', async () => {
  const { createAuthClient } = await import('sotto')
  vi.stubGlobal('document', {})
  vi.stubGlobal('crypto', {})
  const auth = createAuthClient(options)
  const error = expect.objectContaining({ code: 'insecure_context' }) as unknown
  expect(await auth.start()).toEqual({ status: 'error', error })
  await expect(auth.getTokenSilently()).rejects.toEqual(error)
})
