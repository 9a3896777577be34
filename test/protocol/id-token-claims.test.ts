import { createServerClock } from '../../src/protocol/server-clock.ts'
import { expect, test } from 'vitest'
import { checkIdToken, decodePart } from '../../src/protocol/id-token.ts'
import {
  atHash,
  clientId,
  exchange,
  failure,
  issuer,
  makeTransaction,
  nowSeconds,
  outcome,
  type ExchangeOptions,
} from '../support/protocol-exchange.ts'
import type { TokenSet } from '../../src/protocol/token-set.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { assembleJwt } from '../support/protocol-signer.ts'

type Claims = Readonly<Record<string, unknown>>

const nest = (levels: number): unknown => (levels ? [nest(levels - 1)] : 1)

const refused: readonly [title: string, claims: Claims, reason: string][] = [
  ['iss of another server', { iss: 'https://evil.example' }, 'iss'],
  ['iss with a trailing slash', { iss: `${issuer}/` }, 'iss'],
  ['iss in capitals', { iss: 'HTTPS://login.example' }, 'iss'],
  ['no iss', { iss: undefined }, 'iss'],
  ['iss that is a number', { iss: 5 }, 'iss'],
  ['no sub', { sub: undefined }, 'sub'],
  ['sub that is a number', { sub: 5 }, 'sub'],
  ['sub that is null', { sub: null }, 'sub'],
  ['empty sub', { sub: '' }, 'sub'],
  ['sub of 256 characters', { sub: 's'.repeat(256) }, 'sub'],
  ['aud of another client', { aud: 'other' }, 'aud'],
  ['no aud', { aud: undefined }, 'aud'],
  ['aud that is a number', { aud: 5 }, 'aud'],
  ['aud that is an empty list', { aud: [] }, 'aud'],
  ['aud list without the client', { aud: ['other'] }, 'aud'],
  ['aud list with a stranger, and his azp', { aud: [clientId, 'other'], azp: 'other' }, 'azp'],
  ['aud list with a stranger, without azp', { aud: [clientId, 'other'] }, 'aud'],
  ['aud list with a stranger, and an azp that is null', { aud: [clientId, 'x'], azp: null }, 'azp'],
  ['azp of another client beside a single aud', { azp: 'other' }, 'azp'],
  ['empty azp', { azp: '' }, 'azp'],
  ['no exp', { exp: undefined }, 'exp'],
  ['exp that is a string', { exp: '9999999999' }, 'exp'],
  ['exp beyond the tolerance', { exp: nowSeconds() - 40 }, 'exp'],
  ['nbf that is a string', { nbf: '0' }, 'nbf'],
  ['nbf beyond the tolerance', { nbf: nowSeconds() + 50 }, 'nbf'],
  ['no iat', { iat: undefined }, 'iat'],
  ['iat that is a string', { iat: '1' }, 'iat'],
  ['no nonce', { nonce: undefined }, 'nonce'],
  ['another nonce', { nonce: 'other' }, 'nonce'],
  ['nonce that is a number', { nonce: 5 }, 'nonce'],
  ['empty nonce', { nonce: '' }, 'nonce'],
  ['auth_time that is a string', { auth_time: '5' }, 'auth_time'],
  ['negative auth_time', { auth_time: -1 }, 'auth_time'],
  ['at_hash of another token', { at_hash: atHash('sha256', 'other') }, 'at_hash'],
  ['at_hash of the wrong size', { at_hash: atHash('sha512') }, 'at_hash'],
  ['empty at_hash', { at_hash: '' }, 'at_hash'],
  ['at_hash that is a number', { at_hash: 5 }, 'at_hash'],
  ['claims nested 101 deep', { deep: nest(100) }, 'format'],
]

// covers spec:id-token-claims spec:library-nonce spec:library-lenient-tokens fault:id-token-iss
// covers fault:id-token-sub fault:id-token-nonce fault:id-token-iat fault:id-token-expired
test.each(refused)('refuses an ID token with %s', async (_title, claims, reason) => {
  expect(await outcome(exchange({ claims }))).toBe(`id_token_invalid/${reason}`)
})

/** The times of a token that a server made whose clock shows this many seconds more than ours. */
const madeAt = (aheadSeconds: number): Claims => ({
  iat: nowSeconds() + aheadSeconds,
  nbf: nowSeconds() + aheadSeconds,
  exp: nowSeconds() + aheadSeconds + 300,
})

// covers spec:id-token-claims fault:id-token-clock
test.each([-31_536_000, -86_500, 86_500, 31_536_000])(
  'says by how much the clocks differ where that of the server is %d seconds ahead',
  async (aheadSeconds) => {
    const error = await failure(exchange({ claims: madeAt(aheadSeconds) }))
    expect(error).toMatchObject({ code: 'clock_skew', retryable: false })
    expect(Math.abs(Number(error.reason) + aheadSeconds)).toBeLessThan(10)
  },
)

test.each([-86_390, -3600, -400, -60, 0, 25, 95, 3600, 86_390])(
  'takes a token of a server whose clock is %d seconds ahead, and the time from it',
  async (aheadSeconds) => {
    const seen: number[] = []
    const clock = createServerClock((seconds) => seen.push(seconds))
    const exchanged = exchange({ claims: madeAt(aheadSeconds), input: { clock } })
    expect((await exchanged).claims.sub).toBeDefined()
    const isFar = Math.abs(aheadSeconds) > 30
    expect(Math.abs(clock.offsetSeconds - (isFar ? aheadSeconds : 0))).toBeLessThan(3)
    expect(seen).toHaveLength(isFar ? 1 : 0)
  },
)

test('a token that was refused tells no time', async () => {
  const clock = createServerClock(() => {})
  const claims = { ...madeAt(3600), azp: 'another' }
  await failure(exchange({ claims, input: { clock } }))
  expect(clock.offsetSeconds).toBe(0)
})

test('a token of a wrong clock lives no longer than it says itself', async () => {
  const claims = { ...madeAt(3600), exp: nowSeconds() + 3600 - 60 }
  expect(await outcome(exchange({ claims }))).toBe('id_token_invalid/exp')
})

const accepted: readonly [title: string, claims: Claims, input?: ExchangeOptions['input']][] = [
  ['sub of 255 characters', { sub: 's'.repeat(255) }],
  ['aud list of this client alone', { aud: [clientId] }],
  ['azp of this client', { azp: clientId }],
  ['aud list with others, and azp', { aud: ['a', clientId, 'b'], azp: clientId }],
  [
    'aud list with a trusted audience',
    { aud: [clientId, 'api'], azp: clientId },
    { trustedAudiences: ['api'] },
  ],
  ['exp that passed within the tolerance', { exp: nowSeconds() - 10 }],
  ['nbf ahead within the tolerance', { nbf: nowSeconds() + 20 }],
  ['iat ahead within the tolerance', { iat: nowSeconds() + 60 }],
  ['iat ten years ago', { iat: nowSeconds() - 315_360_000 }],
  ['at_hash that fits', { at_hash: atHash('sha256') }],
  ['azp and at_hash that are null', { azp: null, at_hash: null }],
  ['claims nested 100 deep', { deep: nest(99) }],
  [
    'ten thousand claims',
    Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`c${i}`, i])),
  ],
  ['claims nobody knows', { __proto__x: 1, constructor: 'x' }],
]

// covers fault:id-token-old-iat fault:id-token-odd-claims
test.each(accepted)('accepts an ID token with %s', async (_title, claims, input = {}) => {
  expect((await exchange({ claims, input })).claims).toMatchObject(claims)
})

// covers spec:trusted-audiences
test.each([
  ['none', []],
  ['another', ['api']],
])(
  'refuses an audience that is not among those the app trusts: %s',
  async (_, trustedAudiences) => {
    const claims = { aud: [clientId, 'other'], azp: clientId }
    const attempt = exchange({ claims, input: { trustedAudiences } })
    expect(await outcome(attempt)).toBe('id_token_invalid/aud')
  },
)

test('refuses a trusted audience that stands in for this client', async () => {
  const attempt = exchange({ claims: { aud: ['api'] }, input: { trustedAudiences: ['api'] } })
  expect(await outcome(attempt)).toBe('id_token_invalid/aud')
})

// covers fault:id-token-clock
test('accepts an exp further in the past with a larger tolerance', async () => {
  const claims = { exp: nowSeconds() - 100 }
  await expect(exchange({ claims, input: { clockToleranceSeconds: 200 } })).resolves.toBeDefined()
})

test('accepts an iat further ahead with a larger tolerance', async () => {
  const claims = { iat: nowSeconds() + 120 }
  await expect(exchange({ claims, input: { clockToleranceSeconds: 200 } })).resolves.toBeDefined()
})

const maxAge = 60
const ages: readonly [title: string, authTime: unknown][] = [
  ['no auth_time', undefined],
  ['an auth_time older than that and the tolerance', nowSeconds() - 100],
  ['an auth_time that is a string', String(nowSeconds())],
]

// covers spec:acr-and-auth-time fault:id-token-max-age
test.each(ages)('refuses %s if a maximum age was asked for', async (_title, authTime) => {
  const transaction = makeTransaction({ maxAge })
  const attempt = exchange({ transaction, claims: { auth_time: authTime } })
  expect(await outcome(attempt)).toBe('id_token_invalid/auth_time')
})

test('refuses an old auth_time if a maximum age of zero was asked for', async () => {
  const transaction = makeTransaction({ maxAge: 0 })
  const attempt = exchange({ transaction, claims: { auth_time: nowSeconds() - 40 } })
  expect(await outcome(attempt)).toBe('id_token_invalid/auth_time')
})

test('accepts an auth_time that is older by no more than the tolerance', async () => {
  const transaction = makeTransaction({ maxAge: 0 })
  const attempt = exchange({ transaction, claims: { auth_time: nowSeconds() - 20 } })
  await expect(attempt).resolves.toBeDefined()
})

test('accepts a recent auth_time if a maximum age was asked for', async () => {
  const transaction = makeTransaction({ maxAge })
  const attempt = exchange({ transaction, claims: { auth_time: nowSeconds() - 50 } })
  await expect(attempt).resolves.toBeDefined()
})

/** An exchange with no tolerance, so many seconds after a maximum age of zero was asked for. */
const exchangeLater = (seconds: number, authTime: number): Promise<TokenSet> =>
  exchange({
    transaction: makeTransaction({ maxAge: 0, createdAt: Date.now() - seconds * 1000 }),
    claims: { auth_time: authTime },
    input: { clockToleranceSeconds: 0 },
  })

test('measures the age from when it was asked for: a person may take minutes', async () => {
  await expect(exchangeLater(300, nowSeconds() - 299)).resolves.toBeDefined()
  expect(await outcome(exchangeLater(300, nowSeconds() - 302))).toBe('id_token_invalid/auth_time')
})

test('lets a server round the time of a login down to the second', async () => {
  const second = nowSeconds() - 10
  const transaction = makeTransaction({ maxAge: 0, createdAt: second * 1000 + 900 })
  const input = { clockToleranceSeconds: 0 }
  await expect(
    exchange({ transaction, claims: { auth_time: second }, input }),
  ).resolves.toBeDefined()
})

test('a wrong clock makes no login look old, and none that is old look new', async () => {
  const transaction = makeTransaction({ maxAge: 0 })
  const login = (authTime: number) =>
    exchange({ transaction, claims: { ...madeAt(-200), auth_time: authTime } })
  await expect(login(nowSeconds() - 200)).resolves.toBeDefined()
  expect(await outcome(login(nowSeconds() - 300))).toMatch(/auth_time|clock_skew/)
})

test('does not ask for auth_time if no maximum age was asked for', async () => {
  await expect(exchange({ claims: { auth_time: 1 } })).resolves.toBeDefined()
})

const contexts: readonly [title: string, acr: unknown][] = [
  ['no acr', undefined],
  ['another acr', '3'],
  ['an acr that is the whole list', '1 2'],
  ['an empty acr', ''],
]

// covers spec:acr-and-auth-time fault:id-token-acr
test.each(contexts)('refuses %s if acr values were asked for', async (_title, acr) => {
  const transaction = makeTransaction({ acrValues: '1 2' })
  expect(await outcome(exchange({ transaction, claims: { acr } }))).toBe('id_token_invalid/acr')
})

test('accepts any one of the acr values that were asked for', async () => {
  const transaction = makeTransaction({ acrValues: 'urn:gold urn:silver' })
  await expect(exchange({ transaction, claims: { acr: 'urn:silver' } })).resolves.toBeDefined()
})

test('refuses an iat from after tomorrow by itself', async () => {
  const claims = { iat: nowSeconds() + 90_000, exp: nowSeconds() + 93_600 }
  expect(await failure(exchange({ claims }))).toMatchObject({ code: 'clock_skew' })
})

const checkIssuedAt = (iat: number, now: number, clockToleranceSeconds: number) => {
  const claims = { iss: issuer, sub: 'alice', aud: clientId, exp: now + 300, iat }
  const expected = { clientId, clockToleranceSeconds }
  return checkIdToken(assembleJwt({ alg: 'RS256' }, claims), claims, 'x', expected, now)
}

test('an iat may lie ahead by the tolerance and a minute, and not by more', async () => {
  await expect(checkIssuedAt(1090, 1000, 30)).resolves.toMatchObject({ alg: 'RS256' })
  expect(await outcome(checkIssuedAt(1091, 1000, 30))).toBe('clock_skew/-91')
  expect(await outcome(checkIssuedAt(1060.4, 1000, 0))).toBe('id_token_invalid/iat')
})

test('makes no claim retryable: the same answer would come again', async () => {
  expect(await failure(exchange({ claims: { nonce: 'other' } }))).toMatchObject({
    code: 'id_token_invalid',
    retryable: false,
  })
})

const spoken: readonly [outcome: string, data: object, options: ExchangeOptions][] = [
  ['id_token_invalid/acr', { acr: '1' }, { transaction: makeTransaction({ acrValues: '1' }) }],
  ['id_token_invalid/nonce', { error: 'invalid_grant' }, { claims: { nonce: 'other' } }],
  ['token_type_unsupported', { error: 'invalid_grant' }, { tokenResponse: { token_type: 'mac' } }],
]

// covers spec:polluted-prototype
test.each(spoken)(
  'a prototype does not speak for the server where the outcome is %s',
  async (expected, data, options) => {
    expect(await withPollution({ ...data }, () => outcome(exchange(options)))).toBe(expected)
  },
)

test('a prototype spoils no ID token', async () => {
  const claims = { azp: 'evil', at_hash: 'evil', typ: 'evil', nonce: 'evil' }
  const expected = { maxAge: 0, trustedAudiences: [], acrValues: 'evil', authenticatedSince: 9e9 }
  const data = { ...claims, ...expected, refresh_token: 'evil' }
  const several = { aud: [clientId, 'other'], azp: clientId }
  const tokens = await withPollution(data, () => exchange({ claims: several }))
  expect(tokens.claims.sub).toBe('alice')
  expect(Object.keys(tokens)).not.toContain('refreshToken')
})

test('decodes every character of base64url, and text beyond ASCII', () => {
  const claims = { name: 'Zoë ??>>~~ 東京' }
  const jwt = assembleJwt(claims, claims)
  expect(jwt).toMatch(/-.*_|_.*-/)
  expect(decodePart(jwt, 0)).toEqual(claims)
  expect(decodePart(jwt, 1)).toEqual(claims)
})
