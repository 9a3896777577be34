// In Node's own environment: the requests of happy-dom do not lose their body when they are sent.
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, test, vi } from 'vitest'
import { createAuthFetch } from 'sotto'
import { logInWithKey, readProof } from '../support/dpop-client.ts'

const API = 'https://api.example.com'

beforeEach(() => {
  const values = new Map<string, string>()
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  }
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener() {} })
  vi.stubGlobal('location', new URL('http://localhost:3000/'))
  vi.stubGlobal('history', { state: null, replaceState() {} })
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('localStorage', storage)
  vi.stubGlobal('sessionStorage', storage)
  vi.stubGlobal('indexedDB', new IDBFactory())
})

type Answer = () => Response

/** An API that answers by script, then with 200; and a client whose tokens it is called with. */
async function createApi(...answers: Answer[]) {
  const seen: Request[] = []
  const page = await logInWithKey()
  const send = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    seen.push(request.clone())
    await request.text()
    return answers.shift()?.() ?? new Response('orders')
  }
  const authFetch = createAuthFetch(page.auth, { allowedOrigins: [API], fetch: send })
  const proofs = () => seen.map(({ headers }) => readProof(headers.get('dpop')))
  return { ...page, authFetch, seen, proofs }
}

const challenge =
  (value: string, nonce = 'n1') =>
  () =>
    new Response('', { status: 401, headers: { 'www-authenticate': value, 'dpop-nonce': nonce } })

// covers spec:dpop-proof
test('sends a bound token with a proof for this very request', async () => {
  const { auth, authFetch, seen, proofs } = await createApi()
  await authFetch(`${API}/orders?page=2#top`, { method: 'POST', body: 'all' })
  const token = await auth.getTokenSilently()
  expect(seen[0]?.headers.get('authorization')).toBe(`DPoP ${token}`)
  expect(await seen[0]?.text()).toBe('all')
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  expect(proofs()).toMatchObject([
    { htm: 'POST', htu: `${API}/orders`, ath: Buffer.from(digest).toString('base64url') },
  ])
})

// covers spec:dpop-proof-once
test('each request has a proof of its own', async () => {
  const { authFetch, proofs } = await createApi()
  await authFetch(`${API}/orders`)
  await authFetch(`${API}/orders`)
  expect(new Set(proofs().map(({ jti }) => jti)).size).toBe(2)
})

// covers spec:dpop-nonce spec:dpop-nonce-once fault:dpop-challenge-case
test.each([
  'DPoP error="use_dpop_nonce", error_description="one more"',
  'dpop error="use_dpop_nonce"',
  'Bearer realm="api", DPOP algs="ES256 PS256", unknown="x", error=use_dpop_nonce',
])('sends a request once more with the nonce of the API: %s', async (value) => {
  const { authFetch, seen, proofs, server } = await createApi(challenge(value))
  server.control.clearRequests()
  const response = await authFetch(`${API}/orders`, { method: 'POST', body: 'all' })
  expect(response.status).toBe(200)
  expect(proofs().map(({ nonce }) => nonce)).toEqual([undefined, 'n1'])
  expect(await Promise.all(seen.map((request) => request.text()))).toEqual(['all', 'all'])
  await authFetch(`${API}/orders`)
  expect(proofs()[2]?.nonce).toBe('n1')
  expect(server.control.requests()).toEqual([])
})

// covers spec:dpop-nonce
test('uses the nonce that came with an answer that was good', async () => {
  const good = () => new Response('', { headers: { 'dpop-nonce': 'n2' } })
  const { authFetch, proofs } = await createApi(good)
  await authFetch(`${API}/orders`)
  await authFetch(`${API}/orders`)
  expect(proofs()[1]?.nonce).toBe('n2')
})

// covers spec:dpop-nonce fault:dpop-nonce-two-servers
test('keeps the nonces of two APIs apart', async () => {
  const page = await createApi(challenge('DPoP error="use_dpop_nonce"'))
  await page.authFetch(`${API}/orders`)
  const seen: (string | null)[] = []
  const other = createAuthFetch(page.auth, {
    allowedOrigins: ['https://other.example.com'],
    fetch: async (input) => {
      seen.push((input as Request).headers.get('dpop'))
      return new Response('')
    },
  })
  await other('https://other.example.com/orders')
  expect(readProof(seen[0])).not.toHaveProperty('nonce')
})

// covers spec:dpop-nonce-once fault:dpop-nonce-endless
test('asks an API that wants nonces for ever four times at most, with two tokens', async () => {
  const endless = [1, 2, 3, 4, 5].map((n) => challenge('DPoP error="use_dpop_nonce"', `n${n}`))
  const { authFetch, seen } = await createApi(...endless)
  expect((await authFetch(`${API}/orders`)).status).toBe(401)
  const tokens = seen.map(({ headers }) => headers.get('authorization'))
  expect(tokens).toHaveLength(4)
  expect(new Set(tokens).size).toBe(2)
})

// covers spec:dpop-nonce-once
test.each<[string, Answer, number]>([
  ['another error', challenge('DPoP error="invalid_token"'), 2],
  ['a challenge of another scheme', challenge('Bearer error="use_dpop_nonce"'), 2],
  ['a refusal', () => new Response('', { status: 403, headers: { 'dpop-nonce': 'n' } }), 1],
])('is not asked for a nonce by %s', async (_, answer, requests) => {
  const { authFetch, seen } = await createApi(answer)
  await authFetch(`${API}/orders`)
  const tokens = new Set(seen.map(({ headers }) => headers.get('authorization')))
  // What is sent again has a new token.
  expect([seen.length, tokens.size]).toEqual([requests, requests])
})

// covers spec:dpop-nonce-once
test('gives the 401 back where the body cannot be sent again', async () => {
  const { authFetch, seen } = await createApi(challenge('DPoP error="use_dpop_nonce"'))
  const request = new Request(`${API}/orders`, { method: 'POST', body: 'all' })
  expect((await authFetch(request)).status).toBe(401)
  expect(seen).toHaveLength(1)
  // The next one has the nonce.
  expect((await authFetch(`${API}/orders`)).status).toBe(200)
})

// covers fault:dpop-nonce-unreadable
test('an API whose challenge the page cannot read is asked twice at most', async () => {
  const silent = () => new Response('', { status: 401 })
  const { authFetch, seen } = await createApi(silent, silent, silent)
  expect((await authFetch(`${API}/orders`)).status).toBe(401)
  expect(seen).toHaveLength(2)
})
