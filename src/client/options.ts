import type { JWKS } from 'oauth4webapi'
import type { AuthError } from '../errors.ts'
import type { AuthLogger } from './events.ts'
import {
  checkAuthorizationParams,
  checkResource,
  configInvalid,
  isDuration,
} from '../protocol/request-parameters.ts'
import { isKeySet } from '../protocol/json-web-keys.ts'
import { isSecureUrl, parseUrl } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { RenewalStrategy } from '../renewal/renewal-strategy.ts'
import { silentIframe } from '../renewal/silent-iframe.ts'
import { memoryStorage } from '../session/memory-storage.ts'
import type { TokenStorage } from '../session/token-storage.ts'
import type { TransactionStorage } from '../storage/storage.ts'

/**
 * What happens when a silent request meets `login_required` or one of its siblings: the call rejects, the user is sent to log in
 * and comes back to the same URL, or a function of the app decides and may call `login`.
 */
export type OnLoginRequired =
  'throw' | 'redirect' | ((error: AuthError, login: () => Promise<never>) => void)

/** The options of {@link createAuthClient}. */
export interface ClientOptions {
  /** The exact issuer identifier of the authorization server, for instance `https://login.example.com`. */
  readonly issuer: string
  readonly clientId: string
  /** Registered at the server, and on this page's own origin; a relative one is resolved against that. */
  readonly redirectUri: string
  /** Where the server sends the user after a logout, if it is registered there; a relative one is resolved against the page's origin. */
  readonly postLogoutRedirectUri?: string
  /** Space-separated; `openid` is added. Default: `openid profile email`. */
  readonly scope?: string
  /** The `audience` parameter that some servers know: the API that access tokens are for. */
  readonly audience?: string
  /** Resource indicators (RFC 8707): absolute URIs of the APIs that access tokens are for. */
  readonly resource?: string | readonly string[]
  /** Extra parameters of every authorization request. `max_age` and `acr_values` are enforced on the answer. */
  readonly authorizationParams?: Readonly<Record<string, string>>
  /** Static server metadata (RFC 8414), or the URL of a metadata document. Default: discovery from `issuer`. */
  readonly metadata?: Readonly<Record<string, unknown>> | string
  /** Static keys of the server, instead of those at its `jwks_uri`. */
  readonly jwks?: JWKS
  /** `tls` leaves the signature of ID tokens to the connection (OpenID Connect Core, section 3.1.3.7, rule 6). Default: `verify`. */
  readonly idTokenSignature?: 'verify' | 'tls'
  /** The one algorithm that ID tokens may be signed with. Default: those of the metadata, or RS256. */
  readonly idTokenSigningAlg?: string
  /** Whether a response without the parameter `iss` (RFC 9207) is refused, also where the metadata does not promise it. */
  readonly requireIss?: boolean
  /**
   * The audiences that an ID token may name besides this client; an empty list: none. Default: any, where the token says that it was
   * issued to this client (`azp`).
   */
  readonly trustedAudiences?: readonly string[]
  /** How tokens are obtained without the user, in this order. Default: `[silentIframe()]`. */
  readonly renewal?: readonly RenewalStrategy[]
  /** Where the session is kept; a storage of your own is passed as `customStorage({ … })`. Default: `memoryStorage()`. */
  readonly tokenStorage?: TokenStorage
  /** Where logins under way are kept. Default: `sessionStorage`. */
  readonly transactionStorage?: TransactionStorage
  /** For `getTokenSilently`. Default: `throw`. */
  readonly onLoginRequired?: OnLoginRequired
  /** How a redirect login is answered. Default: `query`. */
  readonly responseMode?: 'query' | 'fragment'
  /**
   * How long before its end a token counts as expired, in seconds; half its life at the most. Default: 30, or a tenth of its life, whichever
   * is less.
   */
  readonly leewaySeconds?: number
  /** How far the clocks of server and device may differ, in seconds. Default: 30. */
  readonly clockToleranceSeconds?: number
  /** For each step over the network, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number
  readonly fetch?: typeof globalThis.fetch
  /** Leaves for the authorization server. Default: `location.assign`. */
  readonly navigate?: (url: URL) => void | Promise<void>
  /** Is told every event and warning; `console` fits. */
  readonly logger?: AuthLogger
}

type Defaulted =
  | 'scope'
  | 'authorizationParams'
  | 'idTokenSignature'
  | 'renewal'
  | 'tokenStorage'
  | 'onLoginRequired'
  | 'responseMode'
  | 'clockToleranceSeconds'
  | 'timeoutMs'

export type ResolvedOptions = Omit<ClientOptions, Defaulted | 'resource'> &
  Required<Pick<ClientOptions, Defaulted>> & { readonly resource: readonly string[] }

/**
 * Checks the options and fills in the defaults. Touches nothing of the browser.
 *
 * @throws AuthError `config_invalid`, with the name of the option as the reason
 */
export function resolveOptions(given: ClientOptions): ResolvedOptions {
  // Own fields only: what someone put on `Object.prototype` is no option.
  const options = ownFields(given) as unknown as ClientOptions
  const { issuer, jwks } = options
  if (!isSecureUrl(issuer) || /[?#\s]/.test(issuer)) throw configInvalid('issuer')
  for (const name of ['clientId', 'redirectUri'] as const)
    if (typeof options[name] !== 'string' || !options[name]) throw configInvalid(name)
  // A page cannot keep a secret.
  for (const name of ['clientSecret', 'client_secret'])
    if (name in options) throw configInvalid(name)
  for (const name of ['leewaySeconds', 'clockToleranceSeconds', 'timeoutMs'] as const)
    if (options[name] !== undefined && !isDuration(options[name])) throw configInvalid(name)
  if (jwks && !isKeySet(jwks)) throw configInvalid('jwks')
  for (const name of ['metadata', 'postLogoutRedirectUri'] as const) {
    const url = options[name]
    // A relative one is looked at where there is a page.
    if (typeof url === 'string' && parseUrl(url) && !isSecureUrl(url)) throw configInvalid(name)
  }
  const resolved = ownFields({
    scope: 'openid profile email',
    idTokenSignature: 'verify',
    renewal: [silentIframe()],
    tokenStorage: memoryStorage(),
    onLoginRequired: 'throw',
    responseMode: 'query',
    clockToleranceSeconds: 30,
    timeoutMs: 10_000,
    ...dropAbsent(options),
    authorizationParams: checkAuthorizationParams(options.authorizationParams),
    resource: checkResource(options.resource),
  }) as unknown as ResolvedOptions
  if (!isTokenStorage(resolved.tokenStorage))
    throw configInvalid('tokenStorage', ' Wrap your own: customStorage({ get, set, delete }).')
  const unfit = findUnfit(resolved)
  if (unfit) throw configInvalid(unfit)
  return resolved
}

/** Its own, and looked at without a use of the storage, which may be blocked. */
function isTokenStorage(value: object): boolean {
  return typeof Object.getOwnPropertyDescriptor(value, 'open')?.value === 'function'
}

/** The name of an option that is not of its kind, among those that would be noticed late, and by a `TypeError`. */
function findUnfit(options: ResolvedOptions): keyof ClientOptions | undefined {
  const { renewal, trustedAudiences, responseMode, fetch, navigate } = options
  const isFunction = (value: unknown): boolean => typeof value === 'function'
  if (!Array.isArray(renewal) || !renewal.every(isFunction)) return 'renewal'
  if (!Array.isArray(trustedAudiences ?? [])) return 'trustedAudiences'
  if (!['query', 'fragment'].includes(responseMode)) return 'responseMode'
  if (!isFunction(fetch ?? isFunction)) return 'fetch'
  return isFunction(navigate ?? isFunction) ? undefined : 'navigate'
}

/** An option that is undefined, or null, is absent: it does not undo a default. */
function dropAbsent<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item != null)) as Value
}
