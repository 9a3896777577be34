import { APP } from './observed-grants.ts'

interface Difference {
  readonly mock?: unknown
  readonly real?: unknown
  readonly why: string
}

const CORS: Difference = {
  mock: '*',
  real: APP,
  why: 'anybody may read it; both say so, in one of two ways',
}
const CACHING: Difference = {
  mock: 'public, max-age=300',
  why: 'many servers let browsers keep it, many do not; e2e/real-server.spec.ts counts the requests without',
}
const REDIRECT_BODY: Difference = {
  real: 'text/html',
  why: 'nobody sees the body of a redirect',
}

const CLAIMS: Difference = {
  mock: 'acr amr at_hash aud auth_time email email_verified exp iat iss nonce sid sub'.split(' '),
  real: ['aud', 'exp', 'iat', 'iss', 'nonce', 'sub'],
  why: 'the fewest a server may send, and the most that is usual: the library must do with either',
}
const HEADER: Difference = {
  mock: ['alg', 'kid', 'typ'],
  real: ['alg', 'kid'],
  why: '`typ` is optional (RFC 7519, section 5.1); checked only where it is there',
}
const OFFLINE_ACCESS: Difference = {
  mock: 'openid email offline_access',
  real: 'openid email',
  why: 'the real one grants this scope only with `prompt=consent` (OpenID Connect Core, section 11), and is told to give refresh tokens without',
}

/** How the mock server differs from oidc-provider, on purpose. Whatever is not here is the same. */
export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'discovery: access-control-allow-origin': CORS,
  'keys: access-control-allow-origin': CORS,
  'discovery: cache-control': CACHING,
  'keys: cache-control': CACHING,
  'redirect: media type': REDIRECT_BODY,
  'redirect without a session: media type': REDIRECT_BODY,
  'discovery: end_session_endpoint': {
    mock: 'ISSUER/end-session',
    real: 'ISSUER/session/end',
    why: 'every server has names of its own',
  },
  'discovery: id_token_signing_alg_values_supported': {
    mock: ['RS256'],
    real: ['ES256', 'RS256'],
    why: 'the real one has a client for each; the unit tests have every algorithm',
  },
  'discovery: response_modes_supported': {
    mock: ['fragment', 'query', 'web_message'],
    real: ['form_post', 'fragment', 'query', 'web_message'],
    why: 'a page without a server cannot take a form',
  },
  'keys: media type': {
    mock: 'application/json',
    real: 'application/jwk-set+json',
    why: 'RFC 7517 has a media type that hardly any server uses; the library looks at neither',
  },
  'silent without a session: status': {
    mock: 200,
    real: 400,
    why: 'browsers print a 400 in red at every anonymous visit; the library cannot see the status of a frame',
  },
  'token: claims of the ID token': CLAIMS,
  'refresh: claims of the ID token': {
    ...CLAIMS,
    mock: (CLAIMS.mock as readonly string[]).filter((claim) => claim !== 'nonce'),
  },
  'refresh: nonce': {
    real: 'the-nonce',
    why: 'it should be left out (OpenID Connect Core, section 12.2), and some servers repeat it: the library must do with either',
  },
  'token: header of the ID token': HEADER,
  'refresh: header of the ID token': HEADER,
  'token: scope': OFFLINE_ACCESS,
  'refresh: scope': OFFLINE_ACCESS,
  'unknown redirect URI: frame-ancestors': {
    mock: "frame-ancestors 'none'",
    why: 'with either header, or none, the frame gives no answer',
  },
  'unknown redirect URI: x-frame-options': {
    mock: 'deny',
    why: 'with either header, or none, the frame gives no answer',
  },
}
