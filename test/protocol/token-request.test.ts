import { afterEach, expect, test, vi } from 'vitest'
import { createKeySource, createStaticKeySource } from '../../src/protocol/json-web-keys.ts'
import { failure, issuer, makeTransaction, outcome } from '../support/protocol-exchange.ts'
import { createLogin } from '../support/protocol-login.ts'
import { wholeFetch } from '../support/whole-response.ts'

afterEach(() => {
  vi.useRealTimers()
})

// covers spec:token-request-post spec:same-client-and-redirect-uri
test('sends the form of the code grant, and nothing that asks for a preflight', async () => {
  const { server, authorize, exchange } = await createLogin()
  const { transaction, code } = await authorize()
  await exchange({ transaction, code })
  const [request, ...others] = server.control.requests({ endpoint: 'token' })
  expect(others).toEqual([])
  expect(request).toMatchObject({
    method: 'POST',
    query: '',
    parameters: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: transaction.redirectUri,
      code_verifier: transaction.codeVerifier,
      client_id: 'app',
    },
  })
  expect(request!.names).toHaveLength(5)
  expect(request!.headers).toEqual({
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  })
})

// covers spec:audience-kept-apart
test('asks for its resources again at the token endpoint', async () => {
  const { server, exchange } = await createLogin()
  const transaction = makeTransaction({ resource: ['https://a.example', 'https://b.example'] })
  await failure(exchange({ transaction, code: 'x' }))
  const [request] = server.control.requests({ endpoint: 'token' })
  expect(new URLSearchParams(request!.body).getAll('resource')).toEqual(transaction.resource)
})

// covers threat:injected-code spec:code-of-another-login
test('fails with the error of the server if the code belongs to another verifier', async () => {
  const { authorize, exchange } = await createLogin()
  const { code } = await authorize()
  const attempt = exchange({ transaction: makeTransaction(), code })
  expect(await failure(attempt)).toMatchObject({
    code: 'token_error',
    oauthError: 'invalid_grant',
    status: 400,
    retryable: false,
  })
})

// covers threat:failing-network
test.each([
  { name: 'drop', expected: 'network_error' },
  { name: 'truncated', expected: 'network_error' },
  { name: 'status', status: 500, expected: 'server_error' },
  { name: 'redirect', location: 'https://evil.example/', expected: 'server_error/redirect' },
] as const)('sends the code once although the answer is $expected ($name)', async (fault) => {
  const { expected, ...rest } = fault
  const { server, logIn } = await createLogin()
  server.control.addFault({ endpoint: 'token', ...rest } as never)
  expect(await outcome(logIn())).toBe(expected)
  expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
})

test('asks for the keys in parallel with the tokens, which have the open connection', async () => {
  const { server, logIn } = await createLogin()
  const keysSeen = (): number => server.control.requests({ endpoint: 'jwks' }).length
  const asked: string[] = []
  const fetch = wholeFetch(async (url, init) => {
    asked.push(url)
    const response = await server.fetch(url, init)
    // The answer is held back until the keys were asked for.
    await vi.waitFor(() => expect(keysSeen()).toBe(1), { interval: 5, timeout: 4000 })
    return response
  })
  await logIn({ fetch, keys: createKeySource(`${issuer}/jwks`, fetch, Date.now) })
  expect(asked).toEqual([`${issuer}/token`, `${issuer}/jwks`])
})

test('says when the tokens came, however long the keys take', async () => {
  const { keys, logIn } = await createLogin()
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  const [wallMs, tickMs] = [Date.now(), performance.now()]
  let asked = 0
  const slow = {
    ...keys,
    async get() {
      // The first time is beside the token request.
      if (++asked === 2) vi.advanceTimersByTime(8000)
      return keys.get()
    },
  }
  expect((await logIn({ keys: slow })).arrival).toEqual({ wallMs, tickMs })
})

// covers spec:library-keys
test('does not ask for the keys again, also not an hour later', async () => {
  const { server, logIn } = await createLogin()
  vi.useFakeTimers({ toFake: ['Date'] })
  await logIn()
  vi.setSystemTime(Date.now() + 3_600_000)
  server.control.advanceClock({ seconds: 3600 })
  await logIn()
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(1)
  expect(server.control.requests({ endpoint: 'token' })).toHaveLength(2)
})

// covers fault:id-token-new-keys
test('asks for the keys again for one that it does not know, and accepts the token', async () => {
  const { server, logIn } = await createLogin()
  await logIn()
  await server.control.rotateKeys({ keepOld: false })
  await expect(logIn()).resolves.toBeDefined()
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(2)
})

test('accepts several tokens at once of a key that it does not know', async () => {
  const { server, logIn } = await createLogin()
  await logIn()
  await server.control.rotateKeys({ keepOld: false })
  server.control.addFault({ endpoint: 'jwks', name: 'delay', ms: 100 })
  await expect(Promise.all([logIn(), logIn(), logIn()])).resolves.toHaveLength(3)
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(2)
})

// covers spec:new-keys spec:library-keys fault:id-token-new-keys
test('asks for the keys again at most once a minute', async () => {
  let now = 0
  const { server, logIn } = await createLogin(() => now)
  const jwks = () => server.control.requests({ endpoint: 'jwks' }).length
  await logIn()
  server.control.addFault({ endpoint: 'token', name: 'idTokenHeader', set: { kid: 'unknown' } })
  expect(await outcome(logIn())).toBe('id_token_invalid/kid')
  expect(jwks()).toBe(2)
  now = 59_999
  expect(await outcome(logIn())).toBe('id_token_invalid/kid')
  expect(jwks()).toBe(2)
  now = 60_000
  expect(await outcome(logIn())).toBe('id_token_invalid/kid')
  expect(jwks()).toBe(3)
})

test('keeps the keys that it knew if fresh ones do not help', async () => {
  const { server, logIn } = await createLogin()
  server.control.addFault({ endpoint: 'token', name: 'idTokenSignature', times: 1 })
  expect(await outcome(logIn())).toBe('id_token_invalid/signature')
  await expect(logIn()).resolves.toBeDefined()
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(2)
})

const publishedKeys = async (server: {
  readonly fetch: (url: string) => Promise<Response>
}): Promise<readonly { readonly kid: string }[]> => {
  const response = await server.fetch('https://login.example/jwks')
  return ((await response.json()) as { readonly keys: readonly { readonly kid: string }[] }).keys
}

// covers spec:new-keys fault:id-token-new-keys
test('asks for the keys again for a kid that it knows whose key did not sign', async () => {
  const { server, logIn } = await createLogin()
  const [old] = await publishedKeys(server)
  await server.control.rotateKeys({ keepOld: false })
  const [current] = await publishedKeys(server)
  const keys = [{ ...old, kid: current!.kid }]
  server.control.addFault({ endpoint: 'jwks', name: 'keySet', set: { keys }, times: 1 })
  server.control.clearRequests()
  await expect(logIn()).resolves.toBeDefined()
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(2)
})

test('asks for the keys once more if the network fails', async () => {
  const { server, logIn } = await createLogin()
  server.control.addFault({ endpoint: 'jwks', name: 'drop', times: 1 })
  await expect(logIn()).resolves.toBeDefined()
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(2)
})

// covers fault:id-token-no-keys
test('fails if the keys cannot be had, and starts anew at the next login', async () => {
  const { server, logIn } = await createLogin()
  server.control.addFault({ endpoint: 'jwks', name: 'drop' })
  expect(await outcome(logIn())).toBe('network_error')
  // Two beside the token request, two when its answer is there: the code is spent by then.
  expect(server.control.requests({ endpoint: 'jwks' })).toHaveLength(4)
  server.control.clearFaults()
  await expect(logIn()).resolves.toBeDefined()
})

// covers fault:metadata-huge fault:id-token-no-keys
test.each([
  ['a page', { name: 'html' }, 'response_invalid/jwks'],
  ['empty', { name: 'empty' }, 'response_invalid/jwks'],
  ['a set whose keys are a text', { name: 'keySet', set: { keys: 'x' } }, 'response_invalid/jwks'],
  ['a set with a text', { name: 'keySet', set: { keys: ['x'] } }, 'response_invalid/jwks'],
  ['a set with null', { name: 'keySet', set: { keys: [null] } }, 'response_invalid/jwks'],
  ['an object without keys', { name: 'keySet', remove: ['keys'] }, 'response_invalid/jwks'],
  ['a set of no keys', { name: 'keySet', set: { keys: [] } }, 'id_token_invalid/kid'],
  ['a 404', { name: 'status', status: 404 }, 'server_error'],
  ['a 500', { name: 'status', status: 500 }, 'server_error'],
  ['of three megabytes', { name: 'huge', bytes: 3_000_000 }, 'response_too_large'],
] as const)('fails if the answer for the keys is %s', async (_, fault, expected) => {
  const { server, logIn } = await createLogin()
  server.control.addFault({ endpoint: 'jwks', ...fault } as never)
  expect(await outcome(logIn())).toBe(expected)
})

test('accepts static keys without a request, and never replaces them', async () => {
  const { server, logIn } = await createLogin()
  const keys = createStaticKeySource({ keys: [...(await publishedKeys(server))] as never })
  server.control.clearRequests()
  await expect(logIn({ keys })).resolves.toBeDefined()
  await server.control.rotateKeys()
  expect(await outcome(logIn({ keys }))).toBe('id_token_invalid/kid')
  expect(server.control.requests({ endpoint: 'jwks' })).toEqual([])
})

test('asks for no keys where the signature is left to TLS', async () => {
  const { server, logIn } = await createLogin()
  await expect(logIn({ keys: undefined })).resolves.toBeDefined()
  expect(server.control.requests({ endpoint: 'jwks' })).toEqual([])
})

// covers fault:rejections
test('leaves no rejection behind if the tokens and the keys both fail', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const { server, logIn } = await createLogin()
  server.control.addFault({ endpoint: 'jwks', name: 'status', status: 500 })
  server.control.addFault({ endpoint: 'token', name: 'drop' })
  expect(await outcome(logIn())).toBe('network_error')
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
