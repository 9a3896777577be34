// @vitest-environment happy-dom
// What may arrive at the redirect URI, while somebody is signed in and another login is under way.
import { beforeEach, expect, test } from 'vitest'
import { isAuthError, type AuthError } from 'sotto'
import { callbackFaults, type Material } from '../support/callback-faults.ts'
import { createClient, createServer, preparePage, type TestClient } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { createTransactionStorage } from '../support/flow-storage.ts'

beforeEach(preparePage)

/** Somebody is signed in, and a login for more is under way; its answer is not processed yet. */
async function prepare(): Promise<{ page: TestClient; token: string; material: Material }> {
  const server = createServer()
  const page = createClient({}, { server })
  await page.logIn()
  const token = await page.auth.getTokenSilently()
  const stranger = createClient({ transactionStorage: createTransactionStorage() }, { server })
  await stranger.auth.loginWithRedirect()
  const others = parametersOf(stranger.answer('bob'))
  await page.auth.loginWithRedirect({ audience: 'https://api.example.com', appState: 'cart' })
  const own = parametersOf(page.answer('alice'))
  server.control.clearRequests()
  return { page, token, material: { own, others, tag: own.state.split('.')[0]! } }
}

function parametersOf(url: string): Material['own'] {
  return Object.fromEntries(new URL(url).searchParams) as unknown as Material['own']
}

async function failureOf(work: Promise<unknown>): Promise<AuthError> {
  const error: unknown = await work.catch((reason: unknown) => reason)
  if (!isAuthError(error)) throw new Error('no AuthError', { cause: error })
  return error
}

const pendingLogins = (): number =>
  Object.entries(sessionStorage)
    .filter(([key]) => key.startsWith('sotto:transactions'))
    .map(([, text]) => (JSON.parse(text as string) as unknown[]).length)
    .reduce((sum, length) => sum + length, 0)

const cases = callbackFaults.map((fault) => [fault.name, fault] as const)

test.each(cases)(
  'a response with %s costs neither the session nor, unless it was its answer, the login under way',
  async (_name, fault) => {
    const { page, token, material } = await prepare()
    const snapshot = page.auth.getSnapshot()
    const query = new URLSearchParams(fault.parameters(material).map((pair) => [...pair]))
    const address = `/callback?mine=1${fault.inFragment ? '#' : '&'}${String(query)}`
    history.replaceState(null, '', address)

    const { code, reason, ...rest } = await failureOf(page.auth.handleRedirectCallback())
    expect(reason ? `${code}/${reason}` : code).toBe(fault.outcome)
    expect(JSON.stringify(rest).length).toBeLessThan(1000)
    if (!fault.leftAlone) expect(location.href).toBe('http://localhost:3000/callback?mine=1')

    expect(page.server.control.requests({ endpoint: 'token' })).toHaveLength(
      fault.tokenRequests ?? 0,
    )
    expect(page.auth.getSnapshot()).toBe(snapshot)
    expect(await page.auth.getTokenSilently()).toBe(token)
    const audience = 'https://api.example.com'
    expect(await page.auth.getTokenSilently({ audience, cacheMode: 'cache-only' })).toBeUndefined()
    expect(pendingLogins()).toBe(fault.pending === 'kept' ? 1 : 0)
  },
)

// covers fault:callback-login-required
test('an answer of login_required to a login is not followed by another redirect', async () => {
  const renewal = createRenewal(loginRequired())
  const page = createClient({ onLoginRequired: 'redirect' }, { renewal })
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer())
  expect(await page.auth.start()).toMatchObject({ error: { code: 'login_required' } })
  expect(page.visits).toHaveLength(1)
})

// covers threat:mix-up fault:callback-mix-up
test('a response of another server to a login at this one reaches the token endpoint of neither', async () => {
  const honest = createServer()
  const hostile = createServer({ issuer: 'https://login.evil.example' })
  const page = createClient({}, { server: honest })
  await page.auth.loginWithRedirect()
  // The hostile server was asked with what the honest one was asked with, and answers with a code
  // of its own.
  const url = new URL(page.visits[0]!)
  url.host = 'login.evil.example'
  const answered = hostile.control.authorize({ url: url.href, user: 'alice' })
  if (!('location' in answered)) throw new Error('no redirect')
  const { code, appState } = await failureOf(
    page.auth.handleRedirectCallback({ url: answered.location }),
  )
  expect({ code, appState }).toEqual({ code: 'issuer_mismatch' })
  for (const { control } of [honest, hostile])
    expect(control.requests({ endpoint: 'token' })).toEqual([])
})

// covers fault:callback-framed
test('a response that arrives in another tab is not known there, and its own tab can still finish', async () => {
  const page = createClient({ transactionStorage: createTransactionStorage() })
  const other = createClient(
    { transactionStorage: createTransactionStorage() },
    { server: page.server },
  )
  await page.auth.loginWithRedirect({ appState: 'mine' })
  const url = page.answer('alice')
  await other.auth.loginWithRedirect({ appState: 'other' })
  const otherUrl = other.answer('alice')
  const { code } = await failureOf(other.auth.handleRedirectCallback({ url }))
  expect(code).toBe('state_unknown')
  expect(page.server.control.requests({ endpoint: 'token' })).toEqual([])
  // In the reverse order of their beginning.
  const results = [
    await other.auth.handleRedirectCallback({ url: otherUrl }),
    await page.auth.handleRedirectCallback({ url }),
  ]
  expect(results).toMatchObject([{ appState: 'other' }, { appState: 'mine' }])
})

// covers fault:callback-return-to
test.each([
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://evil.example/',
])('a login whose stored returnTo became %s signs in and goes nowhere', async (returnTo) => {
  const page = createClient()
  await page.auth.loginWithRedirect({ appState: 'cart', returnTo: '/orders' })
  const [[key, text] = ['', '']] = Object.entries(sessionStorage) as [string, string][]
  const [login] = JSON.parse(text) as [object]
  sessionStorage.setItem(key, JSON.stringify([{ ...login, returnTo }]))
  history.replaceState(null, '', page.answer('alice'))
  const results: unknown[] = []
  const { status } = await page.auth.start({ onCallback: (result) => void results.push(result) })
  expect(status).toBe('authenticated')
  expect(results).toMatchObject([{ appState: 'cart', user: { sub: 'alice' } }])
  expect(results[0]).toHaveProperty('returnTo', undefined)
  expect(page.warnings).toEqual([{ code: 'return_to_invalid', reason: 'callback' }])
  expect(location.href).toBe('http://localhost:3000/callback')
})

// covers threat:open-redirect fault:callback-return-to
test('a login that failed does not hand out a returnTo that somebody has planted', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const [[key, text] = ['', '']] = Object.entries(sessionStorage) as [string, string][]
  const [login] = JSON.parse(text) as [object]
  const returnTo = 'javascript:alert(1)'
  sessionStorage.setItem(key, JSON.stringify([{ ...login, returnTo }]))
  const error = await failureOf(page.auth.handleRedirectCallback({ url: page.answer() }))
  expect(error.code).toBe('login_required')
  expect(error.returnTo).toBeUndefined()
})
