import type { ClientOptions } from 'sotto'
import type { Fault } from 'sotto/testing'

/**
 * A certification profile of relying parties, or none where only the whole suite has the module.
 */
export type ConformancePlan = 'Basic' | 'Config' | 'Refresh' | 'RP-Initiated Logout' | 'none'

/** A module that a test runs. */
export interface ConformanceCase {
  readonly plans: readonly ConformancePlan[]
  /** What the module asks of a relying party, in a few words. */
  readonly requirement: string
  /** `accepted`, or the `code/reason` of the error that ends the login. */
  readonly expected: string
  /** What the server does wrong. */
  readonly faults?: readonly Fault[]
  readonly signingAlg?: 'ES256'
  /** When the server changes its signing key: `add` publishes the old one as well. */
  readonly keys?: 'add' | 'replaceAfterLogin' | 'replaceBeforeSigning'
  /** Where the metadata puts endpoints, in place of the usual path. */
  readonly moved?: Readonly<Record<string, string>>
  readonly options?: Partial<ClientOptions>
  /** What the server does wrong once the login was accepted and its tokens are refreshed. */
  readonly refreshFaults?: readonly Fault[]
  /** Whether the login is followed by a UserInfo request, which `expected` is about then. */
  readonly asksUserInfo?: boolean
  /** Whether the login is followed by a logout at the server. */
  readonly logsOut?: boolean
}

export type ConformanceModule =
  | ConformanceCase
  /** No public client that uses the code flow can run it. */
  | { readonly plans: readonly ConformancePlan[]; readonly notApplicable: string }

const claims = (overrides: Pick<Fault & { name: 'idTokenClaims' }, 'set' | 'remove'>): Fault => ({
  endpoint: 'token',
  name: 'idTokenClaims',
  ...overrides,
})
const notApplicable = (reason: string, ...plans: readonly ConformancePlan[]) => ({
  plans: plans.length ? plans : (['none'] as const),
  notApplicable: reason,
})

const HYBRID = 'Implicit and hybrid flow only: nothing but `response_type=code` is ever asked for'
const BACK_CHANNEL = 'The server calls the relying party, and a page has no address to be called at'
const FRONT_CHANNEL =
  'The server loads a page of the relying party in a frame of its own site, where browsers keep the app’s storage apart'
const REQUEST_OBJECT = 'Request objects are not offered: a page has no key that the server knows'
const WEBFINGER = 'The issuer is configured, not guessed from what a user typed'

/**
 * Every relying party module of the OpenID conformance suite, by its name there.
 * `test/public/conformance.test.ts` runs those that can be run; `npm run docs:tables` shows them
 * all.
 */
export const CONFORMANCE_MODULES: Readonly<Record<string, ConformanceModule>> = {
  'oidcc-client-test': {
    plans: ['Basic'],
    requirement: 'Logs in with the authorization code flow',
    expected: 'accepted',
  },
  // covers spec:id-token-claims
  'oidcc-client-test-invalid-iss': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token of another issuer',
    expected: 'id_token_invalid/iss',
    faults: [claims({ set: { iss: 'https://other.example.com' } })],
  },
  'oidcc-client-test-missing-sub': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token without `sub`',
    expected: 'id_token_invalid/sub',
    faults: [claims({ remove: ['sub'] })],
  },
  // covers spec:id-token-claims
  'oidcc-client-test-invalid-aud': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token for another client',
    expected: 'id_token_invalid/aud',
    faults: [claims({ set: { aud: 'another-client' } })],
  },
  'oidcc-client-test-missing-aud': {
    plans: ['none'],
    requirement: 'Refuses an ID token without `aud`',
    expected: 'id_token_invalid/aud',
    faults: [claims({ remove: ['aud'] })],
  },
  'oidcc-client-test-missing-iat': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token without `iat`',
    expected: 'id_token_invalid/iat',
    faults: [claims({ remove: ['iat'] })],
  },
  // covers threat:injected-code spec:id-token-claims
  'oidcc-client-test-nonce-invalid': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token with another `nonce`',
    expected: 'id_token_invalid/nonce',
    faults: [claims({ set: { nonce: 'another-nonce' } })],
  },
  'oidcc-client-test-nonce-unless-code-flow': {
    plans: ['none'],
    requirement: 'Sends a `nonce`',
    expected: 'accepted',
  },
  'oidcc-client-test-kid-absent-single-jwks': {
    plans: ['Basic'],
    requirement: 'Accepts an ID token without `kid` where the server has one key',
    expected: 'accepted',
    faults: [{ endpoint: 'token', name: 'idTokenHeader', remove: ['kid'] }],
  },
  'oidcc-client-test-kid-absent-multiple-jwks': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token without `kid` where the server has several keys (it may)',
    expected: 'id_token_invalid/kid',
    faults: [{ endpoint: 'token', name: 'idTokenHeader', remove: ['kid'] }],
    keys: 'add',
  },
  'oidcc-client-test-idtoken-sig-rs256': {
    plans: ['Basic'],
    requirement: 'Accepts an ID token signed with RS256, after its signature was checked',
    expected: 'accepted',
    options: { idTokenSigningAlg: 'RS256' },
  },
  // covers spec:no-none-no-hmac
  'oidcc-client-test-idtoken-sig-none': {
    plans: ['Basic', 'Config'],
    requirement: 'Refuses an unsigned ID token (it may)',
    expected: 'id_token_invalid/alg',
    faults: [{ endpoint: 'token', name: 'idTokenAlg', alg: 'none' }],
  },
  // covers spec:signature
  'oidcc-client-test-invalid-sig-rs256': {
    plans: ['Basic'],
    requirement: 'Refuses an ID token with a broken RS256 signature',
    expected: 'id_token_invalid/signature',
    faults: [{ endpoint: 'token', name: 'idTokenSignature' }],
  },
  'oidcc-client-test-invalid-sig-hs256': {
    plans: ['none'],
    requirement: 'Refuses an ID token with an HS256 signature: there is no secret to make one with',
    expected: 'id_token_invalid/alg',
    faults: [{ endpoint: 'token', name: 'idTokenAlg', alg: 'HS256', secret: 'publicKey' }],
  },
  'oidcc-client-test-invalid-sig-es256': {
    plans: ['none'],
    requirement: 'Refuses an ID token with a broken ES256 signature',
    expected: 'id_token_invalid/signature',
    signingAlg: 'ES256',
    faults: [{ endpoint: 'token', name: 'idTokenSignature' }],
  },
  // covers spec:at-hash
  'oidcc-client-test-invalid-athash': {
    plans: ['none'],
    requirement: 'Refuses an access token that the `at_hash` is not of',
    expected: 'id_token_invalid/at_hash',
    faults: [claims({ set: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } })],
  },
  'oidcc-client-test-scope-userinfo-claims': {
    plans: ['Basic'],
    requirement: 'Asks for claims with the scopes `profile`, `email` and `phone`',
    expected: 'accepted',
    options: { scope: 'openid profile email phone' },
  },
  'oidcc-client-test-discovery-openid-config': {
    plans: ['Config'],
    requirement: 'Uses the endpoints of the discovery document',
    expected: 'accepted',
    moved: {
      authorization_endpoint: '/elsewhere/authorize',
      token_endpoint: '/elsewhere/token',
    },
  },
  'oidcc-client-test-discovery-jwks-uri-keys': {
    plans: ['Config'],
    requirement: 'Gets the keys from the `jwks_uri` of the discovery document',
    expected: 'accepted',
    moved: { jwks_uri: '/elsewhere/jwks' },
  },
  // covers spec:same-issuer
  'oidcc-client-test-discovery-issuer-mismatch': {
    plans: ['Config'],
    requirement: 'Refuses a discovery document of another issuer',
    expected: 'discovery_invalid/issuer',
    faults: [
      { endpoint: 'discovery', name: 'metadata', set: { issuer: 'https://other.example.com' } },
    ],
  },
  // covers spec:new-keys
  'oidcc-client-test-signing-key-rotation': {
    plans: ['Config'],
    requirement: 'Fetches the keys again for an ID token that is signed with a new one',
    expected: 'accepted',
    keys: 'replaceAfterLogin',
  },
  'oidcc-client-test-signing-key-rotation-just-before-signing': {
    plans: ['Config'],
    requirement: 'Does so for a key that is changed while the tokens are asked for',
    expected: 'accepted',
    keys: 'replaceBeforeSigning',
  },
  'oidcc-client-test-refresh-token': {
    plans: ['Refresh'],
    requirement: 'Gets a new access token with the refresh token',
    expected: 'accepted',
    refreshFaults: [],
  },
  // covers spec:refreshed-id-token
  'oidcc-client-test-refresh-token-invalid-issuer': {
    plans: ['Refresh'],
    requirement: 'Refuses a refreshed ID token of another issuer',
    expected: 'id_token_invalid/iss',
    refreshFaults: [claims({ set: { iss: 'https://other.example.com' } })],
  },
  // covers spec:refreshed-id-token
  'oidcc-client-test-refresh-token-invalid-sub': {
    plans: ['Refresh'],
    requirement: 'Refuses a refreshed ID token of another user',
    expected: 'id_token_invalid/sub',
    refreshFaults: [claims({ set: { sub: 'bob' } })],
  },
  // covers spec:id-token-hint
  'oidcc-client-test-rp-init-logout': {
    plans: ['RP-Initiated Logout'],
    requirement: 'Logs out at the server, and finishes when the user comes back with the `state`',
    expected: 'accepted',
    logsOut: true,
  },
  // covers spec:logout-state
  'oidcc-client-test-rp-init-logout-other-state': {
    plans: ['RP-Initiated Logout'],
    requirement: 'Stays logged out when the user comes back with another `state`',
    expected: 'accepted',
    logsOut: true,
    faults: [{ endpoint: 'endSession', name: 'endSessionResponse', set: { state: 'other' } }],
  },
  // covers spec:logout-state
  'oidcc-client-test-rp-init-logout-no-state': {
    plans: ['RP-Initiated Logout'],
    requirement: 'Stays logged out when the user comes back without a `state`',
    expected: 'accepted',
    logsOut: true,
    faults: [{ endpoint: 'endSession', name: 'endSessionResponse', remove: ['state'] }],
  },
  // covers spec:user-info-header
  'oidcc-client-test-userinfo-bearer-header': {
    plans: ['Basic'],
    requirement: 'Sends the access token to the UserInfo endpoint in a header',
    expected: 'accepted',
    asksUserInfo: true,
  },
  // covers spec:user-info-sub
  'oidcc-client-test-userinfo-invalid-sub': {
    plans: ['Basic'],
    requirement: 'Refuses a UserInfo response about another user',
    expected: 'userinfo_invalid/sub',
    asksUserInfo: true,
    faults: [{ endpoint: 'userinfo', name: 'userinfoResponse', set: { sub: 'bob' } }],
  },
  'oidcc-client-test-userinfo-bearer-body': notApplicable(
    'A choice of the client: access tokens go into a header, never into a body',
    'Basic',
  ),
  'oidcc-client-test-userinfo-signed': notApplicable(
    'Signed UserInfo responses are registered for, and Sotto registers nothing',
  ),
  'oidcc-client-test-aggregated-claims': notApplicable('Claims of third parties are not resolved'),
  'oidcc-client-test-distributed-claims': notApplicable('Claims of third parties are not resolved'),
  'oidcc-client-test-client-secret-basic': notApplicable(
    'A page cannot keep a client secret',
    'Basic',
  ),
  'oidcc-client-test-mtls-endpoint-aliases': notApplicable(
    'A page has no client certificate to authenticate with',
  ),
  'oidcc-client-test-dynamic-registration': notApplicable('Sotto registers no clients'),
  'oidcc-client-test-discovery-webfinger-acct': notApplicable(WEBFINGER),
  'oidcc-client-test-discovery-webfinger-url': notApplicable(WEBFINGER),
  'oidcc-client-test-request-uri-signed-rs256': notApplicable(REQUEST_OBJECT),
  'oidcc-client-test-request-uri-signed-none': notApplicable(REQUEST_OBJECT),
  'oidcc-client-test-form-post-error': notApplicable(
    '`response_mode=form_post` is answered to a server, and a page is none',
  ),
  'oidcc-client-test-3rd-party-init-login': notApplicable(
    'Sotto has no address that begins a login: whether a link of another site may do so is up to the app',
  ),
  'oidcc-client-test-missing-athash': notApplicable(HYBRID),
  'oidcc-client-test-invalid-chash': notApplicable(HYBRID),
  'oidcc-client-test-missing-chash': notApplicable(HYBRID),
  'oidcc-client-test-session-management': notApplicable(
    'The session frame needs third-party cookies, which browsers keep back; silent renewal notices the end of a session',
  ),
  'oidcc-client-test-rp-frontchannel-opinitlogout': notApplicable(FRONT_CHANNEL),
  'oidcc-client-test-rp-frontchannel-rpinitlogout': notApplicable(FRONT_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-alg-none': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-no-event': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event': notApplicable(BACK_CHANNEL),
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss': notApplicable(BACK_CHANNEL),
}
