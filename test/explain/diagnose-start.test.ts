// @vitest-environment happy-dom
// What `diagnose` says of an app that never calls `start`, and where its links lead to.
import { readFileSync } from 'node:fs'
import { createAuthClient, diagnose, type FindingId } from 'sotto'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { stubLocks } from '../support/flow-client.ts'

const issuer = 'https://login.example.com'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', 'http://localhost:3000/')
  stubLocks()
})

function createClient(navigate: (url: URL) => void = () => {}) {
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
  }
  const refuse = (async () => {
    throw new TypeError('failed')
  }) as typeof fetch
  const given = { issuer, clientId: 'app', redirectUri: '/callback', metadata, fetch: refuse }
  const auth = createAuthClient({ ...given, renewal: [], navigate }, new Map())
  onTestFinished(() => auth.dispose())
  return auth
}

async function find(auth: ReturnType<typeof createClient>, id: FindingId) {
  const { findings } = await diagnose(auth, { probe: false })
  return findings.find((one) => one.id === id)
}

test('says that nothing has called start', async () => {
  const auth = createClient()
  const session = await find(auth, 'session')
  expect(session?.level).toBe('hint')
  expect(session?.what).toContain('loading')
  expect(session?.fix).toContain('start()')
  await auth.start()
  expect((await find(auth, 'session'))?.level).toBe('ok')
})

test('says that a login has come back to a page that does not call start', async () => {
  const urls: URL[] = []
  const auth = createClient((url) => void urls.push(url))
  await auth.loginWithRedirect()
  const state = urls[0]?.searchParams.get('state')
  history.replaceState(null, '', `/callback?code=the-code&state=${state}`)
  const address = await find(auth, 'address')
  expect(address?.level).toBe('error')
  expect(address?.what).toContain('nothing has called start()')
  expect(address?.docs).toMatch(/when-it-does-not-work\.md#stuck-at-callback$/)
  expect(JSON.stringify(address)).not.toContain('the-code')
  const page = readFileSync('docs/when-it-does-not-work.md', 'utf8')
  expect(page).toMatch(/^## Stuck at \/callback$/m)
  expect(page).toMatch(/^## It says loading for ever$/m)
})

test('says so too where a call for a token has found out who is signed in', async () => {
  const urls: URL[] = []
  const auth = createClient((url) => void urls.push(url))
  await auth.loginWithRedirect()
  const state = urls[0]?.searchParams.get('state')
  history.replaceState(null, '', `/callback?code=the-code&state=${state}`)
  await auth.getTokenSilently().catch(() => {})
  expect(auth.getSnapshot().status).not.toBe('loading')
  expect((await find(auth, 'address'))?.fix).toContain('auth.start()')
})

test('links to the section of the error that has ended start', async () => {
  const auth = createAuthClient(
    {
      issuer,
      clientId: 'app',
      redirectUri: '/callback',
      fetch: async () => Response.json({ issuer: `${issuer}/` }),
    },
    new Map(),
  )
  onTestFinished(() => auth.dispose())
  await auth.start()
  const { findings } = await diagnose(auth)
  const linksOf = (id: FindingId) => findings.find((one) => one.id === id)?.docs
  expect(linksOf('session')).toMatch(/errors\.md#discovery_invalid$/)
  expect(linksOf('silent_request')).toMatch(/errors\.md#discovery_invalid$/)
})
