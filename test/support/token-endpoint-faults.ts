import type { Fault } from 'sotto/testing'

/**
 * What the token endpoint may answer; the refresh token that is sent next time; and the error, as
 * `code/reason` or `code (oauthError)`, of a refresh too unless told.
 */
export type TokenEndpointFault = readonly [
  name: string,
  fault: Fault,
  next: Next,
  login: string,
  refresh?: string,
]

/**
 * The same; the same, which the server has used up and refuses; one that came with the answer; none,
 * because the server has ended it; or none for such a request.
 */
type Next = 'same' | 'refused' | 'new' | 'ended' | 'none'

const token = { endpoint: 'token', times: 1 } as const
const answer = (status: number, body: string, headers = {}): Fault => ({
  ...token,
  name: 'status',
  status,
  body,
  headers,
  contentType: 'application/json',
})
export const members = (
  set: Readonly<Record<string, unknown>>,
  remove: readonly string[] = [],
): Fault => ({ ...token, name: 'tokenResponse', set, remove }) as Fault
export const claims = (
  set: Readonly<Record<string, unknown>>,
  remove: readonly string[] = [],
): Fault => ({ ...token, name: 'idTokenClaims', set, remove }) as Fault

const noAnswer: readonly TokenEndpointFault[] = [
  // covers fault:token-no-connection
  ['a refused connection', { endpoint: 'token', name: 'drop' }, 'same', 'network_error'],
  // covers fault:token-no-connection
  [
    'an answer that is lost on its way',
    { ...token, name: 'drop', afterProcessing: true },
    'ended',
    'network_error',
    'session_expired (invalid_grant)',
  ],
  // covers fault:token-no-connection
  [
    'a body that breaks off',
    { ...token, name: 'truncated' },
    'ended',
    'network_error',
    'session_expired (invalid_grant)',
  ],
  // covers fault:token-no-answer
  ['no answer at all', { ...token, name: 'hang' }, 'same', 'timeout'],
  // covers fault:token-no-answer
  ['an answer after the deadline', { ...token, name: 'delay', ms: 15_000 }, 'refused', 'timeout'],
  // covers fault:token-no-answer
  [
    'a body that takes ten minutes',
    { ...token, name: 'slowBody', ms: 600_000 },
    'refused',
    'timeout',
  ],
  // covers fault:token-huge
  [
    'fifty megabytes',
    { ...token, name: 'huge', bytes: 50_000_000 },
    'refused',
    'response_too_large',
  ],
]

const notNow: readonly TokenEndpointFault[] = [
  // covers fault:token-server-error
  ['status 500 with an error', answer(500, '{"error":"server_error"}'), 'same', 'server_error'],
  [
    'status 502 with a page',
    { ...token, name: 'status', status: 502, body: '<p>' },
    'same',
    'server_error',
  ],
  // covers fault:token-server-error
  ['status 503', answer(503, '', { 'retry-after': '7' }), 'same', 'server_error'],
  // covers fault:token-server-error
  ['status 429', answer(429, '{}', { 'retry-after': '7' }), 'same', 'server_error'],
  [
    'a redirect with status 302',
    { ...token, name: 'redirect', location: 'https://evil.example/' },
    'same',
    'server_error/redirect',
  ],
  // covers fault:token-redirect
  [
    'a redirect with status 307',
    { ...token, name: 'redirect', location: 'https://evil.example/', status: 307 },
    'same',
    'server_error/redirect',
  ],
  // covers fault:token-page
  [
    'a page',
    { ...token, name: 'html' },
    'same',
    'response_invalid/format',
    'response_invalid/content_type',
  ],
  // covers fault:token-page
  [
    'nothing',
    { ...token, name: 'empty' },
    'same',
    'response_invalid/format',
    'response_invalid/content_type',
  ],
  // covers fault:token-page
  [
    'status 204',
    { ...token, name: 'noContent' },
    'same',
    'response_invalid/format',
    'response_invalid/content_type',
  ],
]

const refusals: readonly TokenEndpointFault[] = [
  // covers fault:token-code-expired
  [
    'invalid_grant',
    { ...token, name: 'oauthError', error: 'invalid_grant' },
    'ended',
    'token_error (invalid_grant)',
    'session_expired (invalid_grant)',
  ],
  // covers fault:token-error-200
  [
    'invalid_grant with status 200',
    answer(200, '{"error":"invalid_grant"}'),
    'ended',
    'token_error (invalid_grant)',
    'session_expired (invalid_grant)',
  ],
  // covers fault:token-challenge
  [
    'invalid_client with a challenge',
    answer(401, '{"error":"invalid_client"}', { 'www-authenticate': 'Basic realm="x"' }),
    'same',
    'token_error (invalid_client)',
  ],
  [
    'invalid_scope',
    { ...token, name: 'oauthError', error: 'invalid_scope' },
    'none',
    'token_error (invalid_scope)',
    'interaction_required/invalid_scope',
  ],
  [
    'invalid_target',
    { ...token, name: 'oauthError', error: 'invalid_target' },
    'none',
    'token_error (invalid_target)',
    'interaction_required/invalid_target',
  ],
]

const wrongMembers: readonly TokenEndpointFault[] = [
  // covers fault:token-no-object
  ['a list', answer(200, '[]'), 'same', 'response_invalid/format'],
  // covers fault:token-no-object
  ['null', answer(200, 'null'), 'same', 'response_invalid/format'],
  ['a text', answer(200, '"x"'), 'same', 'response_invalid/format'],
  // covers fault:token-no-object
  [
    'tokens with status 400',
    answer(400, '{"access_token":"x","token_type":"bearer"}'),
    'same',
    'response_invalid/format',
  ],
  // covers fault:token-no-access-token fault:refresh-unusable-answer
  ['no access token', members({}, ['access_token']), 'new', 'response_invalid/access_token'],
  // covers fault:token-no-access-token
  [
    'an access token that is a number',
    members({ access_token: 5 }),
    'new',
    'response_invalid/access_token',
  ],
  [
    'an access token that is a list',
    members({ access_token: ['x'] }),
    'new',
    'response_invalid/access_token',
  ],
  ['an empty access token', members({ access_token: '' }), 'new', 'response_invalid/access_token'],
  ['no token type', members({}, ['token_type']), 'new', 'response_invalid/token_type'],
  // covers fault:token-type
  ['another token type', members({ token_type: 'mac' }), 'new', 'token_type_unsupported'],
  // covers fault:token-type
  [
    'the token type __proto__',
    members({ token_type: '__proto__' }),
    'new',
    'token_type_unsupported',
  ],
  // covers fault:token-expires-in
  ['a negative life', members({ expires_in: -1 }), 'new', 'response_invalid/expires_in'],
  // covers fault:token-expires-in
  ['a life that is no number', members({ expires_in: true }), 'new', 'response_invalid/expires_in'],
  // covers fault:token-scope
  ['a scope that is a list', members({ scope: ['openid'] }), 'new', 'response_invalid/scope'],
]

const wrongIdTokens: readonly TokenEndpointFault[] = [
  // covers fault:id-token-iss
  [
    'an ID token of another issuer',
    claims({ iss: 'https://evil.example' }),
    'refused',
    'id_token_invalid/iss',
  ],
  // covers fault:id-token-sub
  ['an ID token without sub', claims({}, ['sub']), 'refused', 'id_token_invalid/sub'],
  ['an ID token for another client', claims({ aud: 'other' }), 'refused', 'id_token_invalid/aud'],
  // covers fault:id-token-aud
  [
    'an ID token for another client, too',
    claims({ aud: ['app', 'other'] }),
    'refused',
    'id_token_invalid/aud',
  ],
  // covers fault:id-token-azp
  ['an ID token with another azp', claims({ azp: 'other' }), 'refused', 'id_token_invalid/azp'],
  // covers fault:id-token-nonce
  [
    'an ID token with another nonce',
    claims({ nonce: 'other' }),
    'refused',
    'id_token_invalid/nonce',
  ],
  // covers fault:id-token-iat
  ['an ID token without iat', claims({}, ['iat']), 'new', 'id_token_invalid/iat'],
  // covers fault:id-token-expired
  [
    'an ID token that has expired',
    { ...token, name: 'idTokenClaims', shift: { exp: -3600 } },
    'new',
    'id_token_invalid/exp',
  ],
  // covers fault:id-token-clock
  [
    'an ID token of a clock that is two days ahead',
    { ...token, name: 'idTokenClaims', shift: { iat: 172_800, exp: 172_800 } },
    'new',
    'clock_skew',
  ],
  [
    'an unsigned ID token',
    { ...token, name: 'idTokenAlg', alg: 'none' },
    'new',
    'id_token_invalid/alg',
  ],
  // covers fault:id-token-unsigned
  [
    'an ID token with a MAC of the public key',
    { ...token, name: 'idTokenAlg', alg: 'HS256' },
    'new',
    'id_token_invalid/alg',
  ],
  // covers fault:id-token-signature
  [
    'an ID token with a broken signature',
    { ...token, name: 'idTokenSignature' },
    'new',
    'id_token_invalid/signature',
  ],
  [
    'an ID token of an unknown key',
    { ...token, name: 'idTokenHeader', set: { kid: 'other' } },
    'new',
    'id_token_invalid/kid',
  ],
  // covers fault:id-token-typ
  [
    'an ID token that is an access token',
    { ...token, name: 'idTokenHeader', set: { typ: 'at+jwt' } },
    'new',
    'id_token_invalid/typ',
  ],
  [
    'an ID token with critical extensions',
    { ...token, name: 'idTokenHeader', set: { crit: ['x'] } },
    'new',
    'id_token_invalid/crit',
  ],
]

export const tokenEndpointFaults: readonly TokenEndpointFault[] = [
  ...noAnswer,
  ...notNow,
  ...refusals,
  ...wrongMembers,
  ...wrongIdTokens,
]
