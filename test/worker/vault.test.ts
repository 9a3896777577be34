import { expect, test } from 'vitest'
import {
  createTestVault,
  ELSEWHERE,
  LOGIN,
  REVOCATION_URL,
  bodyOf,
  handleIn,
  refreshOf,
  revocationOf,
  rotate,
} from '../support/test-vault.ts'

test('gives a page a handle in the place of the refresh token, and sends the token for it', async () => {
  const { sent, send, logIn } = createTestVault()
  const first = await logIn()
  expect(first).toMatch(/^sotto-vault\.[\w-]{36}$/)
  const second = handleIn(await send(refreshOf(first)))
  expect(second).not.toBe(first)
  await send(refreshOf(second))
  expect(sent.slice(1).map(({ form }) => form['refresh_token'])).toEqual(['secret-1', 'secret-2'])
})

test('keeps the handle while the server keeps the token', async () => {
  const { send, logIn } = createTestVault(() =>
    Response.json({ access_token: 'access', refresh_token: 'secret' }),
  )
  const handle = await logIn()
  expect(handleIn(await send(refreshOf(handle)))).toBe(handle)
})

// covers spec:vault-bound
test.each([
  ['another server', { url: ELSEWHERE }, {}],
  ['another path of the server', { url: REVOCATION_URL }, {}],
  ['another client', {}, { client_id: 'other' }],
])('does not send a refresh token to %s', async (_name, more, form) => {
  const { sent, send, logIn } = createTestVault()
  const handle = await logIn()
  expect(await send({ ...refreshOf(handle), ...form }, more)).toBeUndefined()
  expect(sent).toHaveLength(1)
})

// covers spec:vault-bound
test.each([
  ['endpoint and address elsewhere', { revocationEndpoint: ELSEWHERE, url: ELSEWHERE }],
  ['an endpoint elsewhere', { revocationEndpoint: ELSEWHERE }],
  ['an address elsewhere', { url: ELSEWHERE }],
])('revokes only where the login said, although a page names %s later', async (_, more) => {
  const { sent, send, logIn } = createTestVault()
  const handle = await logIn()
  await send(refreshOf(handle), { revocationEndpoint: ELSEWHERE })
  expect(await send(revocationOf(handle), more)).toBeUndefined()
  await send(revocationOf(handle), { url: REVOCATION_URL })
  expect(sent.slice(2).map(({ url, form }) => [url, form['token']])).toEqual([
    [REVOCATION_URL, 'secret-2'],
  ])
})

test('does not put a refresh token into another grant, or twice into one', async () => {
  const { sent, send, logIn } = createTestVault()
  const handle = await logIn()
  await send({ ...LOGIN, refresh_token: handle, token: handle, code: handle }, { url: ELSEWHERE })
  expect(JSON.stringify(sent.map(({ form }) => form))).not.toContain('secret')
  const twice = [...Object.entries(refreshOf(handle)), ['client_id', 'other']] as [string, string][]
  expect(await send(twice)).toBeUndefined()
  expect(sent).toHaveLength(2)
})

// covers spec:vault-in-turn
test('sends one use of a refresh token at a time; the next one has what it brought', async () => {
  const open: (() => void)[] = []
  const answering = rotate()
  const { sent, send, logIn } = createTestVault(async (form) => {
    if (form['grant_type'] === 'refresh_token') await new Promise<void>((go) => open.push(go))
    return answering(form)
  })
  const handle = await logIn()
  const both = [send(refreshOf(handle)), send(refreshOf(handle))]
  await expect.poll(() => open.length).toBe(1)
  expect(sent).toHaveLength(2)
  open[0]?.()
  await expect.poll(() => open.length).toBe(2)
  open[1]?.()
  const handles = (await Promise.all(both)).map(handleIn)
  expect(new Set([...handles, handle]).size).toBe(3)
  expect(sent.slice(1).map(({ form }) => form['refresh_token'])).toEqual(['secret-1', 'secret-2'])
})

// covers fault:vault-answer-lost
test('a page whose answer was lost goes on with the handle that it has', async () => {
  const { sent, send, logIn } = createTestVault()
  const handle = await logIn()
  for (let count = 0; count < 3; count++) await send(refreshOf(handle))
  expect(sent.at(-1)?.form['refresh_token']).toBe('secret-3')
})

test('an old handle is good for nothing', async () => {
  const { sent, send, logIn } = createTestVault()
  const first = await logIn()
  let handle = first
  for (let count = 0; count < 4; count++) handle = handleIn(await send(refreshOf(handle)))
  const asked = sent.length
  expect(bodyOf(await send(refreshOf(first)))).toEqual({ error: 'invalid_grant' })
  expect(sent).toHaveLength(asked)
})

test('forgets a refresh token that the server has refused or revoked, or a page has ended', async () => {
  const answers = new Map([
    ['refused', Response.json({ error: 'invalid_grant' }, { status: 400 })],
    ['revoked', new Response(null, { status: 200 })],
  ])
  for (const kind of ['refused', 'revoked', 'forgotten']) {
    const answering = rotate()
    const { vault, sent, send, logIn } = createTestVault(
      (form) => (sent.length === 2 && answers.get(kind)) || answering(form),
    )
    const handle = await logIn()
    if (kind === 'refused') await send(refreshOf(handle))
    if (kind === 'revoked') await send(revocationOf(handle), { url: REVOCATION_URL })
    if (kind === 'forgotten') await vault({ verb: 'end', handle, timeoutMs: 1000 })
    const asked = sent.length
    expect(bodyOf(await send(refreshOf(handle))), kind).toEqual({ error: 'invalid_grant' })
    expect(await send(revocationOf(handle), { url: REVOCATION_URL }), kind).toMatchObject({
      status: 200,
    })
    expect(sent, kind).toHaveLength(asked)
  }
})

test('what was ended while it waited for its turn is not sent', async () => {
  let open = (): void => {}
  const answering = rotate()
  const { vault, sent, send, logIn } = createTestVault(async (form) => {
    if (form['grant_type'] === 'refresh_token') await new Promise<void>((go) => (open = go))
    return form['token'] ? new Response() : answering(form)
  })
  const handle = await logIn()
  const both = [send(refreshOf(handle)), send(refreshOf(handle))]
  await expect.poll(() => sent.length).toBe(2)
  const ended = vault({ verb: 'end', handle, timeoutMs: 1000 })
  open()
  const [first, second] = await Promise.all(both)
  expect(bodyOf(second!)).toEqual({ error: 'invalid_grant' })
  // What the first has brought is what is revoked.
  expect(await ended).toBe(true)
  expect(sent).toHaveLength(3)
  expect(sent[2]).toMatchObject({
    url: REVOCATION_URL,
    form: { client_id: 'app', token: 'secret-2', token_type_hint: 'refresh_token' },
  })
  expect(bodyOf(await send(refreshOf(handleIn(first!))))).toEqual({ error: 'invalid_grant' })
  expect(sent).toHaveLength(3)
})

test('a revocation that failed can be tried again', async () => {
  const answering = rotate()
  let isDown = true
  const { sent, send, logIn } = createTestVault((form) =>
    form['token'] && isDown ? new Response(null, { status: 503 }) : answering(form),
  )
  const handle = await logIn()
  await send(revocationOf(handle), { url: REVOCATION_URL })
  isDown = false
  await send(revocationOf(handle), { url: REVOCATION_URL })
  expect(sent.slice(1).map(({ form }) => form['token'])).toEqual(['secret-1', 'secret-1'])
})

test('says where the server may have a token as good still that a page has ended', async () => {
  for (const [status, isOver] of [
    [200, true],
    [503, false],
    [400, false],
  ] as const) {
    const answering = rotate()
    const { vault, logIn } = createTestVault((form) =>
      form['token'] ? new Response(null, { status }) : answering(form),
    )
    const handle = await logIn()
    expect(await vault({ verb: 'end', handle, timeoutMs: 1000 }), String(status)).toBe(isOver)
  }
})

test('keeps the refresh tokens of fifty logins', async () => {
  const { send, logIn } = createTestVault()
  const handles: string[] = []
  for (let count = 0; count <= 200; count++) handles.push(await logIn())
  expect(bodyOf(await send(refreshOf(handles[0]!)))).toEqual({ error: 'invalid_grant' })
  expect(handleIn(await send(refreshOf(handles[1]!)))).not.toBe('')
})

test('the refresh token that is used is kept, however many others come', async () => {
  const { send, logIn } = createTestVault((form) =>
    Response.json({ access_token: 'access', ...(form['code'] && { refresh_token: 'secret' }) }),
  )
  const handle = await logIn()
  for (let count = 0; count <= 400; count++) {
    await logIn()
    expect((await send(refreshOf(handle))).status).toBe(200)
  }
})

test('a value is written where nobody else was first', async () => {
  const { vault } = createTestVault()
  const read = () => vault({ verb: 'read', key: 'k' })
  const write = (value: unknown, revision: number) =>
    vault({ verb: 'write', key: 'k', value, revision })
  expect(await read()).toEqual({ value: undefined, revision: 0 })
  expect(await write('a', 0)).toBe(true)
  expect(await write('b', 0)).toBe(false)
  const { value, revision } = (await read()) as { value: unknown; revision: number }
  expect(value).toBe('a')
  expect(await write(undefined, revision)).toBe(true)
  expect(await write('c', revision)).toBe(false)
  expect(await read()).toEqual({ value: undefined, revision: 0 })
})

test('keeps no more values than a browser has clients', async () => {
  const { vault } = createTestVault()
  for (let count = 0; count < 33; count++)
    await vault({ verb: 'write', key: String(count), value: count, revision: 0 })
  expect(await vault({ verb: 'read', key: '0' })).toMatchObject({ revision: 0 })
  expect(await vault({ verb: 'read', key: '1' })).toMatchObject({ value: 1 })
})
