import { expect, test } from 'vitest'
import {
  createTestVault,
  ELSEWHERE,
  LOGIN,
  REVOCATION_URL,
  TOKEN_URL,
  bodyOf,
  refreshOf,
  revocationOf,
  rotate,
  type Answering,
} from '../support/test-vault.ts'
import { named } from '../support/in-words.ts'

test('passes on an answer without a refresh token as one without', async () => {
  const { send } = createTestVault(() => Response.json({ access_token: 'access' }))
  expect(bodyOf(await send(LOGIN))).toEqual({ access_token: 'access' })
})

test('passes on the members that a page has a use for, and no other', async () => {
  const { send } = createTestVault(
    rotate({ id_token: 'id', extra: 'secret-1', nested: { refresh_token: 'secret-1' } }),
  )
  expect(Object.keys(bodyOf(await send(LOGIN)))).toEqual([
    'access_token',
    'id_token',
    'refresh_token',
  ])
})

test.each([
  ['an error', { error: 'invalid_request', error_description: 'secret-1 is used up' }],
  ['an error that has it as a list', { error: 'invalid_request', error_description: ['secret-1'] }],
  ['a scope', { access_token: 'access', scope: 'openid secret-1' }],
])('does not pass on %s that quotes what was sent', async (_name, body) => {
  const answers = [
    Response.json({ access_token: 'access', refresh_token: 'secret-1' }),
    Response.json(body, { status: 400 }),
  ]
  const { send, logIn } = createTestVault(() => answers.shift()!)
  const { text } = await send(refreshOf(await logIn()))
  expect(text).not.toContain('secret')
  expect(text).toContain('error' in body ? body.error : 'access')
})

test.each([
  'access_token=a&refresh_token=secret-1',
  '"secret-1"',
  '["secret-1"]',
  'null',
  '<p>secret-1',
])('passes on nothing of a body that is no JSON object: %s', async (body) => {
  const { send } = createTestVault(() => new Response(body))
  expect((await send(LOGIN)).text).toBe('')
})

test.each(named([{}, ['secret-1'], 1, '', null]))(
  'takes %s for no refresh token, and does not pass it on',
  async (_, found) => {
    const { send } = createTestVault(rotate({ refresh_token: found }))
    expect(bodyOf(await send(LOGIN))).toEqual({ access_token: 'access' })
  },
)

test('keeps no refresh token of a refusal', async () => {
  const body = { error: 'invalid_request', refresh_token: 'secret-1' }
  const { send } = createTestVault(() => Response.json(body, { status: 400 }))
  expect(bodyOf(await send(LOGIN))).toEqual({ error: 'invalid_request' })
})

test.each([200, 500, 503])(
  'takes invalid_grant with the status %d for no refusal',
  async (status) => {
    const answering = rotate()
    const refusal = () => Response.json({ error: 'invalid_grant' }, { status })
    const { sent, send, logIn } = createTestVault((form) =>
      sent.length === 2 ? refusal() : answering(form),
    )
    const handle = await logIn()
    await send(refreshOf(handle))
    expect(bodyOf(await send(refreshOf(handle)))).toHaveProperty('access_token')
  },
)

test('passes on the headers that a page has a use for, and no other', async () => {
  const headers = {
    'content-type': 'application/json',
    'dpop-nonce': 'n',
    'retry-after': '1',
    'x-token': 'secret-1',
  }
  const { send } = createTestVault(() => new Response('{}', { headers }))
  expect(Object.fromEntries((await send(LOGIN)).headers)).toEqual({
    'content-type': 'application/json',
    'dpop-nonce': 'n',
    'retry-after': '1',
  })
})

test('sends no header but those of a grant, no cookie, and follows no redirect', async () => {
  const { sent, send } = createTestVault(() => Response.error())
  const headers = [
    ['accept', 'application/json'],
    ['dpop', 'proof'],
    ['x-other', 'secret'],
  ]
  expect(await send(LOGIN, { headers, keepalive: true })).toMatchObject({ status: 0, text: '' })
  expect(sent[0]?.init).toMatchObject({
    method: 'POST',
    headers: headers.slice(0, 2),
    credentials: 'omit',
    redirect: 'manual',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    keepalive: true,
  })
})

test('gives no answer where the server gives none, or one without an end', async () => {
  const down = createTestVault(() => Promise.reject(new TypeError('secret-1')))
  await expect(down.send(LOGIN)).rejects.toThrow()
  const endless = createTestVault(() => new Response(new Uint8Array(1_048_577)))
  await expect(endless.send(LOGIN)).rejects.toThrow()
})

test('gives up a server that does not answer in time', async () => {
  const { sent, send } = createTestVault(rotate())
  await send(LOGIN, { timeoutMs: 1 })
  await expect.poll(() => sent[0]?.init.signal?.aborted).toBe(true)
})

/** Everything that a script of the page may say, right or wrong. */
function everyMessage(handle: string): unknown[] {
  const verbs = [
    'hello',
    'send',
    'end',
    'key',
    'prove',
    'forget',
    'read',
    'write',
    'get',
    'token',
    'export',
    '__proto__',
  ]
  const values = [undefined, null, '', handle, TOKEN_URL, 0, true, {}, [handle], { token: handle }]
  const forms = [
    refreshOf(handle),
    { ...refreshOf(handle), grant_type: 'authorization_code' },
    { ...refreshOf(handle), grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' },
    revocationOf(handle),
    { token: handle },
    { refresh_token: handle },
    {},
  ].map((form) => new URLSearchParams(form as Record<string, string>).toString())
  const urls = [TOKEN_URL, REVOCATION_URL, ELSEWHERE]
  return [
    ...[undefined, null, 1, handle, []],
    ...verbs.flatMap((verb) => [
      ...values.map((value) => ({
        ...{ verb, key: value, handle: value, value, revision: value, url: value, form: value },
        ...{ headers: value, keepalive: value, timeoutMs: 50, revocationEndpoint: value },
      })),
      ...forms.flatMap((form) =>
        urls.map((url) => ({ verb, form, url, key: handle, revocationEndpoint: ELSEWHERE })),
      ),
    ]),
  ]
}

/** A server that says what it was sent, and what it gives, wherever it can. */
function quoteEverything(): Answering {
  let count = 0
  return (form) => {
    const token = `secret-${++count}`
    const quoted = `${form['refresh_token']} ${form['token']} ${token}`
    const body = { scope: quoted, error: quoted, error_description: quoted, extra: quoted }
    const headers = { 'x-token': quoted, link: quoted }
    return Response.json({ ...body, access_token: 'access', refresh_token: token }, { headers })
  }
}

// covers spec:vault-no-way-out
test('no message has the refresh token handed out, or sent to another place', async () => {
  for (const index of everyMessage('').keys()) {
    const { vault, sent, logIn } = createTestVault(quoteEverything())
    const handle = await logIn()
    const message = everyMessage(handle)[index]
    // Twice: what the first has changed, the second may make use of.
    for (let count = 0; count < 2; count++) {
      const said = await vault(message).catch((error: unknown) => String(error))
      expect(JSON.stringify(said) ?? '').not.toContain('secret-')
    }
    const elsewhere = sent.filter(({ url }) => url !== TOKEN_URL && url !== REVOCATION_URL)
    expect(JSON.stringify(elsewhere.map(({ form, init }) => [form, init.headers]))).not.toContain(
      'secret-',
    )
  }
})
