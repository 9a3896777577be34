import type { JWKS } from 'oauth4webapi'
import type { AuthError } from '../errors.ts'
import type { PushRequest } from '../authorization/push-request.ts'
import type { TokenBinding } from '../protocol/token-binding.ts'
import type { RenewalStrategy } from '../renewal/renewal-strategy.ts'
import type { UserInfoSource } from '../renewal/user-info-source.ts'
import type { ClaimsSchema } from '../session/claims-schema.ts'
import type { TokenStorage } from '../session/token-storage.ts'
import type { ExtraParameters } from '../protocol/target.ts'
import type { TransactionStorage } from '../storage/storage.ts'
import type { AuthLogger } from './events.ts'

/**
 * What happens when a silent request meets `login_required` or one of its siblings: the call
 * rejects, the user is sent to log in and comes back to the same URL, or a function of the app
 * decides and may call `login`.
 */
export type OnLoginRequired =
  'throw' | 'redirect' | ((error: AuthError, login: () => Promise<never>) => void)

/** The options of {@link createAuthClient}. */
export interface ClientOptions<Claims extends object = object> {
  /**
   * The exact issuer identifier of the authorization server, for instance
   * `https://login.example.com`. That of a server with many tenants may have `{tenantid}` in it, as
   * its metadata has: then each ID token says which (`tid`), and `metadata` is needed.
   */
  readonly issuer: string
  /** As the server has given it to this app. */
  readonly clientId: string
  /**
   * Registered at the server, and on this page's own origin; a relative one is resolved against
   * that.
   */
  readonly redirectUri: string
  /**
   * Where the server sends the user after a logout, if it is registered there; a relative one is
   * resolved against the page's origin. Default: none is sent.
   */
  readonly postLogoutRedirectUri?: string | undefined
  /** Space-separated; `openid` is added. Default: `openid profile email`. */
  readonly scope?: string | undefined
  /**
   * The `audience` parameter that some servers know: the API that access tokens are for. Default:
   * none.
   */
  readonly audience?: string | undefined
  /**
   * Resource indicators (RFC 8707): absolute URIs of the APIs that access tokens are for. Default:
   * none.
   */
  readonly resource?: string | readonly string[] | undefined
  /**
   * Extra parameters of every authorization request. `max_age` and `acr_values` are enforced on the
   * answer. Default: none.
   */
  readonly authorizationParams?: ExtraParameters | undefined
  /**
   * Static server metadata (RFC 8414), or the URL of a metadata document. Default: discovery from
   * `issuer`.
   */
  readonly metadata?: Readonly<Record<string, unknown>> | string | undefined
  /** Static keys of the server, instead of those at its `jwks_uri`. Default: those. */
  readonly jwks?: JWKS | undefined
  /**
   * `tls` leaves the signature of ID tokens to the connection (OpenID Connect Core, section
   * 3.1.3.7, rule 6). Default: `verify`.
   */
  readonly idTokenSignature?: 'verify' | 'tls' | undefined
  /**
   * The one algorithm that ID tokens may be signed with. Default: those of the metadata, or RS256.
   */
  readonly idTokenSigningAlg?: string | undefined
  /**
   * Whether a response without the parameter `iss` (RFC 9207) is refused, also where the metadata
   * does not promise it. Default: where it does.
   */
  readonly requireIss?: boolean | undefined
  /**
   * The audiences that an ID token may name besides this client; an empty list: none. Default: any,
   * where the token says that it was issued to this client (`azp`).
   */
  readonly trustedAudiences?: readonly string[] | undefined
  /**
   * A schema of the claims (zod, valibot, arktype, or any other that has Standard Schema and is not
   * asynchronous). It is given all claims of the ID token; the user is the claims, overlaid with
   * what it makes of them, and has its type. A login whose claims do not fit fails with
   * `claims_invalid`; a renewal keeps the user as it was, with a `warning`. Default: none.
   */
  readonly claims?: ClaimsSchema<Claims> | undefined
  /**
   * Where claims of the user come from that the ID token does not have: `mergeUserInfo()`. Default:
   * none.
   */
  readonly userInfo?: UserInfoSource | undefined
  /**
   * Binds tokens to a key that never leaves this browser (RFC 9449): `dpop()` of `sotto/dpop`. A
   * token that the server does not bind is refused then, with `dpop_downgrade`. Default: bearer
   * tokens.
   */
  readonly dpop?: TokenBinding | undefined
  /**
   * Hands the parameters of every authorization request to the server ahead of it (RFC 9126):
   * `pushedAuthorizationRequest()`. Default: they are in the address of the server's page.
   */
  readonly par?: PushRequest | undefined
  /**
   * How tokens are obtained without the user, in this order. Default: `[silentIframe(),
   * silentRedirect()]`, the second only while the server's cookies are suspected to reach no frame.
   */
  readonly renewal?: readonly RenewalStrategy[] | undefined
  /**
   * Where the session is kept; a storage of your own is passed as `customStorage({ … })`. Default:
   * `memoryStorage()`.
   */
  readonly tokenStorage?: TokenStorage | undefined
  /** Where logins under way are kept. Default: `sessionStorage`. */
  readonly transactionStorage?: TransactionStorage | undefined
  /** For `getTokenSilently`; a function is called for each call. Default: `throw`. */
  readonly onLoginRequired?: OnLoginRequired | undefined
  /** How a redirect login is answered. Default: `query`. */
  readonly responseMode?: 'query' | 'fragment' | undefined
  /**
   * How long before its end a token counts as expired, in seconds; half its life at the most.
   * Default: 30, or a tenth of its life, whichever is less.
   */
  readonly leewaySeconds?: number | undefined
  /** How far the clocks of server and device may differ, in seconds. Default: 30. */
  readonly clockToleranceSeconds?: number | undefined
  /** For each step over the network, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /**
   * Sends the client's requests to the server, in place of the browser's own `fetch`; not those of
   * `workerVault`, nor those of `createAuthFetch`. Default: `globalThis.fetch`.
   */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Leaves for the authorization server, for a login, a logout or a `silentRedirect`. Default:
   * `location.assign`.
   */
  readonly navigate?: ((url: URL) => void | Promise<void>) | undefined
  /** Is told every event and warning; `console` fits. Default: none. */
  readonly logger?: AuthLogger | undefined
}
