import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { callbackUri, createSilentFrame } from '../support/silent-frame.ts'
import { issuer, redirectUri } from '../support/protocol-exchange.ts'
import { createSigner } from '../support/protocol-signer.ts'

let idToken: string
beforeAll(async () => {
  idToken = await (await createSigner('RS256')).sign({ sub: 'alice' })
})

afterEach(() => void vi.useRealTimers())

const query = { responseMode: 'query' } as const
const settingsOf = (mode: string, uri: string): string => JSON.stringify([mode, uri])

function useFakeTimers(): void {
  vi.useFakeTimers({
    toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  })
}

test('asks without the user, and brings the token of whom the server knows', async () => {
  const frame = createSilentFrame(query)
  const result = frame.ask()
  const url = await frame.asked()
  expect(url.searchParams.get('prompt')).toBe('none')
  frame.load(frame.respond(url, 'alice').href)
  expect((await result).accessToken).toBeTruthy()
  expect(frame.context.frames.answered).toHaveBeenCalledWith(settingsOf('query', redirectUri))
  expect(frame.told).toEqual(['callback_uri_missing/query', 'code sent', 'succeeded'])
})

test.each([
  ['a frame has come back to the app before', query, { hasAnswered: true }],
  ['frames come back to a page of their own', { ...query, callbackUri }, {}],
])('says nothing of a callbackUri where %s', async (_, settings, setUp) => {
  const frame = createSilentFrame(settings, setUp)
  const result = frame.ask()
  frame.load(frame.respond(await frame.asked(), 'alice').href)
  await result
  expect(frame.told).toEqual(['code sent', 'succeeded'])
})

test.each([
  ['web_message', {}, true],
  ['okta_post_message', {}, true],
  ['fragment', {}, false],
  ['query', {}, false],
  ['query', { callbackUri, allowScripts: true }, true],
] as const)(
  'with the mode %s and %j lets scripts run in the frame: %s',
  async (mode, more, runs) => {
    const frame = createSilentFrame({ responseMode: mode, ...more })
    const result = frame.ask()
    await frame.refuse('login_required')
    await result
    expect(frame.frame.attributes['sandbox']!.includes('allow-scripts')).toBe(runs)
  },
)

test.each([
  ['the origin of its authorization endpoint', {}, issuer, 'https://login2.example'],
  ['the origin that is set', { messageOrigin: 'https://m.example' }, 'https://m.example', issuer],
])('believes a message of %s, and of no other', async (_, settings, origin, other) => {
  const frame = createSilentFrame({ responseMode: 'web_message', ...settings })
  const result = frame.ask()
  const state = (await frame.asked()).searchParams.get('state')
  const say = (error: string, from: string): void => {
    const response = { error, state, iss: issuer }
    frame.post({ type: 'authorization_response', response }, from)
  }
  say('server_error', other)
  say('consent_required', origin)
  expect(await result).toMatchObject({ error: { code: 'consent_required' } })
  expect(frame.told).toEqual(['cleared'])
})

test('reads the flat message of Okta only where that is asked for', async () => {
  const okta = createSilentFrame({ responseMode: 'okta_post_message' })
  const result = okta.ask()
  const state = (await okta.asked()).searchParams.get('state')
  okta.post({ type: 'authorization_response', response: { error: 'server_error', state } })
  okta.post({ error: 'consent_required', state })
  expect(await result).toMatchObject({ error: { code: 'consent_required' } })

  const other = createSilentFrame({ responseMode: 'web_message', timeoutMs: 60 })
  const flat = other.ask()
  const { searchParams } = await other.asked()
  other.post({ error: 'consent_required', state: searchParams.get('state') })
  expect(await flat).toMatchObject({ error: { code: 'silent_timeout' } })
})

test.each([
  ['its own deadline', { ...query, timeoutMs: 60 }, {}],
  ["the client's deadline", query, { timeoutMs: 60 }],
])('ends a frame without an answer after %s', async (_, settings, setUp) => {
  const frame = createSilentFrame(settings, setUp)
  expect(await frame.ask()).toMatchObject({ error: { code: 'silent_timeout' } })
})

test('a call whose turn does not come in time is told what it would have asked', async () => {
  // By this clock a frame ends, and a turn does not.
  vi.useFakeTimers({ toFake: ['performance'] })
  const frame = createSilentFrame({ ...query, timeoutMs: 60 })
  const calls = Array.from({ length: 7 }, () => frame.ask())
  const { error } = await Promise.race(calls)
  expect(error).toMatchObject({ code: 'silent_timeout' })
  expect(error?.evidence).toEqual({ asked: `${issuer}/authorize`, redirectUri })
  expect(frame.append).toHaveBeenCalledTimes(6)
  vi.advanceTimersByTime(60)
  await Promise.all(calls)
})

test('a deadline of its own is not held up by that of the client', async () => {
  useFakeTimers()
  const frame = createSilentFrame({ ...query, timeoutMs: 60_000 }, { timeoutMs: 1 })
  let isOver = false
  const result = frame.ask().finally(() => (isOver = true))
  await frame.asked()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(isOver).toBe(false)
  await frame.refuse('login_required')
  await vi.advanceTimersByTimeAsync(100)
  expect(await result).toMatchObject({ error: { code: 'login_required' } })
})

test('sends no ID token along unless it is told to', async () => {
  const frame = createSilentFrame(query, { idToken })
  const result = frame.ask()
  expect((await frame.asked()).searchParams.get('id_token_hint')).toBeNull()
  await frame.refuse('login_required')
  await result
  expect(frame.append).toHaveBeenCalledOnce()
})

test('sends the ID token along where it is told to, and asks once', async () => {
  const frame = createSilentFrame({ ...query, idTokenHint: true }, { idToken })
  const result = frame.ask()
  expect((await frame.asked()).searchParams.get('id_token_hint')).toBe(idToken)
  await frame.refuse('invalid_request')
  expect(await result).toMatchObject({ error: { oauthError: 'invalid_request' } })
  expect(frame.append).toHaveBeenCalledOnce()
})

test('sends none where there is none, and asks once', async () => {
  const frame = createSilentFrame({ ...query, idTokenHint: true })
  const result = frame.ask()
  expect((await frame.asked()).searchParams.get('id_token_hint')).toBeNull()
  await frame.refuse('invalid_request')
  expect(await result).toMatchObject({ error: { oauthError: 'invalid_request' } })
  expect(frame.append).toHaveBeenCalledOnce()
})

test('a server that asks for the ID token gets it at once, and from then on', async () => {
  const frame = createSilentFrame(query, { idToken })
  const first = frame.ask()
  await frame.refuse('invalid_request')
  expect((await frame.asked(2)).searchParams.get('id_token_hint')).toBe(idToken)
  await frame.refuse('consent_required', 2)
  expect(await first).toMatchObject({ error: { code: 'consent_required' } })
  const second = frame.ask()
  expect((await frame.asked(3)).searchParams.get('id_token_hint')).toBe(idToken)
  await frame.refuse('login_required', 3)
  await second
})

test('asks again for no other refusal, and not for what the token endpoint says', async () => {
  const frame = createSilentFrame(query, { idToken })
  const first = frame.ask()
  await frame.refuse('unsupported_response_type')
  expect(await first).toMatchObject({ error: { oauthError: 'unsupported_response_type' } })
  frame.server.control.addFault({ name: 'oauthError', endpoint: 'token', error: 'invalid_request' })
  const second = frame.ask()
  frame.load(frame.respond(await frame.asked(2), 'alice').href)
  expect(await second).toMatchObject({ error: { code: 'token_error' } })
  expect(frame.append).toHaveBeenCalledTimes(2)
})

test.each([
  ['invalid_grant', true],
  ['invalid_request', false],
])(
  'a code that the token endpoint refuses with %s may be asked for again: %s',
  async (word, may) => {
    const frame = createSilentFrame(query)
    frame.server.control.addFault({ name: 'oauthError', endpoint: 'token', error: word })
    const result = frame.ask()
    frame.load(frame.respond(await frame.asked(), 'alice').href)
    expect(await result).toMatchObject({ error: { code: 'token_error', retryable: may } })
    // No word about the cookies where the code has only ended on the way.
    expect(frame.told.includes('cleared')).toBe(!may)
  },
)

test('the same word of the authorization endpoint is no ended code', async () => {
  const frame = createSilentFrame(query)
  const result = frame.ask()
  await frame.refuse('invalid_grant')
  expect(await result).toMatchObject({ error: { code: 'authorization_error', retryable: false } })
})

test('a page in the place of the tokens may be gone when the next frame asks', async () => {
  const frame = createSilentFrame(query)
  frame.server.control.addFault({ name: 'html', endpoint: 'token', times: 1 })
  const first = frame.ask()
  frame.load(frame.respond(await frame.asked(), 'alice').href)
  const error = { code: 'response_invalid', reason: 'format', retryable: true }
  expect(await first).toMatchObject({ error })
  const second = frame.ask()
  frame.load(frame.respond(await frame.asked(2), 'alice').href)
  expect((await second).accessToken).toBeTruthy()
})

test('tokens that are refused for what is in them are so the next time, too', async () => {
  const frame = createSilentFrame(query)
  frame.server.control.addFault({
    name: 'tokenResponse',
    endpoint: 'token',
    remove: ['access_token'],
  })
  const asked = frame.ask()
  frame.load(frame.respond(await frame.asked(), 'alice').href)
  expect(await asked).toMatchObject({ error: { code: 'response_invalid', retryable: false } })
})

test('a login_required that is as it should be is left as it is', async () => {
  const frame = createSilentFrame(query)
  const result = frame.ask()
  await frame.refuse('login_required')
  const { error } = await result
  expect([error!.code, error!.reason, error!.evidence]).toEqual([
    'login_required',
    undefined,
    undefined,
  ])
  expect(frame.told).toEqual(['callback_uri_missing/query', 'login required'])
})

test.each([
  ['for the first time', true, ['login_required/cookies_blocked_suspected']],
  ['again', false, []],
])('says that cookies may be blocked, %s', async (_, isNew, warnings) => {
  const login = { isNew, isSuspect: true }
  const frame = createSilentFrame({ ...query, callbackUri }, { login })
  const result = frame.ask()
  await frame.refuse('login_required', 1, 'No session')
  const { error } = await result
  expect(error).toMatchObject({
    code: 'login_required',
    oauthError: 'login_required',
    oauthErrorDescription: 'No session',
    reason: 'cookies_blocked_suspected',
    evidence: { alternative: 'session_ended' },
  })
  expect(frame.told).toEqual(['login required', ...warnings])
})

test('says nothing that the server has not said', async () => {
  const login = { isNew: false, isSuspect: true }
  const frame = createSilentFrame(query, { login })
  const result = frame.ask()
  await frame.refuse('login_required')
  expect(Object.hasOwn((await result).error!, 'oauthErrorDescription')).toBe(false)
})
