import { readFileSync } from 'node:fs'
import { AuthError, type AuthErrorCode, type AuthErrorDetails } from 'sotto'
import { explain } from 'sotto/explain'
import { expect, test } from 'vitest'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const manual = readFileSync('docs/errors.md', 'utf8')
const sections = manual.split(/^## /m).slice(1)
const codes = sections.map((section) => section.split('\n')[0] as AuthErrorCode)

const explained = (code: AuthErrorCode, details?: AuthErrorDetails) =>
  explain(new AuthError(code, details))

test('the documentation has the codes that are tried here', () => {
  const source = readFileSync('src/errors.ts', 'utf8')
  const union = /AuthErrorCode =([^]*?)\n\n/.exec(source)?.[1] ?? ''
  const inSource = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code)
  expect(codes).toEqual(expect.arrayContaining(inSource))
  expect(codes.length).toBeGreaterThan(35)
})

test.each(codes)('has words for %s, and a link to its section in this version', (code) => {
  const { what, fix, docs } = explained(code)
  expect(what).toMatch(/^\S.{15,}[.”]$/)
  expect(fix).toMatch(/^\S.{4,}[.]$/)
  expect(`${what}${fix}`).not.toMatch(/undefined|null|\[object|NaN s/)
  expect(docs).toBe(`https://unpkg.com/sotto@${version}/docs/errors.md#${code}`)
})

/** The reasons that stand before the colon in the list of a section. */
const reasons = sections.flatMap((section) => {
  const code = section.split('\n')[0] as AuthErrorCode
  const heads = [...section.matchAll(/^- ((?:`\w+`(?:, )?)+):/gm)].map(([, head = '']) => head)
  const names = heads.flatMap((head) => [...head.matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
  return names.map((reason) => [code, reason] as const)
})

test.each(reasons)('has words of its own for %s, %s', (code, reason) => {
  const plain = explained(code)
  const known = explained(code, { reason })
  expect(known).not.toEqual(plain)
  // The text of a code may name any reason: a known one says more than its name.
  expect(known).not.toEqual({
    ...explained(code, { reason: 'zzz' }),
    what: explained(code, { reason: 'zzz' }).what.replace('zzz', reason),
  })
})

test('the documentation has many reasons', () => expect(reasons.length).toBeGreaterThan(60))

test.each<[AuthErrorCode, string, AuthErrorDetails, readonly string[]]>([
  [
    'discovery_invalid',
    'both issuers',
    { reason: 'issuer', evidence: { expected: 'https://a', got: 'https://a/' } },
    ['Expected https://a, got https://a/', 'set the option issuer to "https://a/"'],
  ],
  [
    'config_invalid',
    'what a list of strategies looks like',
    { reason: 'renewal' },
    ['renewal: [refreshToken(), silentIframe()]'],
  ],
  [
    'config_invalid',
    'the redirect URI and the origin of the page',
    {
      reason: 'redirectUri',
      evidence: { expected: 'http://127.0.0.1:5173', got: 'http://localhost:5173/cb' },
    },
    [
      'The redirectUri http://localhost:5173/cb is on another origin than this page (http://127.0.0.1:5173).',
    ],
  ],
  [
    'config_invalid',
    'the "#" of a redirect URI',
    { reason: 'redirectUri', evidence: { expected: 'https://app', got: '/#/cb' } },
    ['has a "#"'],
  ],
  [
    'config_invalid',
    'what makes a storage of localStorage',
    { reason: 'tokenStorage' },
    ['webStorage(() => localStorage)'],
  ],
  [
    'discovery_failed',
    'the URL that was asked and the origin of the page',
    { evidence: { asked: 'https://a/meta', origin: 'https://app' } },
    ['https://a/meta gave no answer that https://app may read', 'allow https://app at the server'],
  ],
  [
    'discovery_failed',
    'the URL that was asked, the status and how long to wait',
    { status: 404, retryAfterSeconds: 7, evidence: { asked: 'https://a/meta' } },
    ['https://a/meta answered with the status 404', '7 s of patience'],
  ],
  [
    'network_error',
    'the URL that was asked and the origin of the page',
    { evidence: { asked: 'https://a/token', origin: 'https://app' } },
    ['https://a/token gave no answer', 'has to allow https://app there'],
  ],
  [
    'silent_blocked',
    'the directive and the origin that it lacks',
    { reason: 'csp', evidence: { asked: 'https://a/authorize', directive: 'child-src' } },
    ['(child-src)', "frame-src 'self' https://a"],
  ],
  [
    'silent_blocked',
    'the page that was shown and the redirect URI',
    {
      reason: 'no_answer',
      evidence: { asked: 'https://a/x', redirectUri: 'https://app/cb', messagesIgnored: 2 },
    },
    ['https://a/x showed a page', 'register https://app/cb', 'It did post a message'],
  ],
  [
    'token_error',
    'the error of the server and its status',
    { oauthError: 'invalid_client', status: 401 },
    ['401, invalid_client', 'public'],
  ],
  ['token_error', 'the status alone', { status: 401 }, ['(401)', 'public client']],
  [
    'token_error',
    'what an invalid_grant may come from',
    { oauthError: 'invalid_grant' },
    ['a code is good once'],
  ],
  [
    'token_error',
    'what an unsupported_token_type means',
    { oauthError: 'unsupported_token_type' },
    ['cannot end access tokens'],
  ],
  [
    'authorization_error',
    'the client and the audience',
    { oauthError: 'invalid_target', evidence: { audience: 'https://api', clientId: 'app' } },
    ['(invalid_target)', 'clientId app, audience https://api', 'Compare audience and resource'],
  ],
  [
    'access_denied',
    'the sentence of the server',
    { oauthErrorDescription: 'Service not found: https://api' },
    ['The server says: “Service not found: https://api”'],
  ],
  [
    'id_token_invalid',
    'both audiences',
    { reason: 'aud', evidence: { expected: 'app', got: 'other' } },
    ['Expected app, got other', 'it said other'],
  ],
  ['clock_skew', 'by how much the clock is ahead', { reason: '7200' }, ['7200 s ahead', 'Nothing']],
  [
    'clock_skew',
    'by how much the clock is behind',
    { reason: '-90000' },
    ['90000 s behind', 'set the clock'],
  ],
  ['claims_invalid', 'the place in the claims', { reason: 'roles.0' }, ['"roles.0"']],
  [
    'insecure_context',
    'the origin of the page',
    { evidence: { origin: 'http://shop.example' } },
    ['http://shop.example'],
  ],
])('the words for %s name %s', (code, _values, details, texts) => {
  const { what, fix } = explained(code, details)
  for (const text of texts) expect(`${what} ${fix}`).toContain(text)
})

test('says which strategies gave up, where there were several', () => {
  const attempts = [
    { strategy: 'refresh_token', code: 'session_expired' as const },
    { strategy: 'silent_iframe', code: 'silent_blocked' as const, reason: 'csp' },
  ]
  expect(explained('silent_blocked', { reason: 'csp', attempts }).what).toContain(
    'Tried: refresh_token: session_expired; silent_iframe: silent_blocked, csp.',
  )
  expect(explained('silent_blocked', { attempts: attempts.slice(1) }).what).not.toContain('Tried')
})

test('explains a warning, and says what was going on', () => {
  expect(explain({ code: 'scope_narrowed', reason: 'orders' }).what).toContain('Missing: orders.')
  const { what, fix } = explain({ code: 'token_error', reason: 'callback' })
  expect(what).toBe('The answer to a login was not accepted. The token endpoint refused.')
  expect(fix).toBe(explained('token_error').fix)
  expect(explain({ code: 'timeout', reason: 'revocation' }).what).toContain('not be revoked')
  expect(explain({ code: 'timeout', reason: 'revocation' }).what).toContain(
    'logout. The server did',
  )
  const idle = explain({ code: 'config_invalid', reason: 'idleTimeout' }).what
  expect(idle).toContain('A user who had left was logged out here')
  expect(idle).not.toContain('came first')
  expect(explained('config_invalid', { reason: 'metadata' }).what).not.toContain('came first')
})

test('says of an option that was ignored nothing that is said of one that is wrong', () => {
  const { what, fix } = explain({ code: 'config_invalid', reason: 'renewal' })
  expect(what).toMatch(/came first, so the option renewal of this one is ignored\.$/)
  expect(fix).toContain('Create the client once')
})

test('says of a login that a wrong clock has ended not that it is allowed for', () => {
  const { what, fix } = explain({ code: 'clock_skew', reason: 'callback' })
  expect(what).toMatch(/not accepted\. The clock of this device is more than a day off\.$/)
  expect(fix).toContain('set the clock')
})

test('says of an error that is not Sotto’s only what kind it is', () => {
  const { what, docs } = explain(new TypeError('token=secret'))
  expect(what).toBe('This is no error of Sotto (TypeError).')
  expect(manual).toMatch(/^# Errors and warnings$/m)
  expect(docs).toMatch(/#errors-and-warnings$/)
  for (const other of [undefined, null, 'x', { code: 'toString' }, { code: 'nothing' }])
    expect(explain(other).what).toContain('no error of Sotto')
  const later = Object.assign(new Error('x'), { name: 'AuthError', code: 'of_the_future' })
  expect(explain(later).fix).toContain('Another version of Sotto')
})

test('leaves out what an error carries for the app alone', () => {
  const details = {
    appState: 'private',
    returnTo: 'https://app/private',
    cause: new Error('private'),
  }
  for (const code of codes) expect(JSON.stringify(explained(code, details))).not.toMatch('private')
})
