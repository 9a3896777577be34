import type { JsonObject } from './encoding.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { SigningAlg } from './keys.ts'

/** A registered client: a public one, as every single-page app is. */
export interface RegisteredClient {
  readonly clientId: string
  /** What the login page calls it; the client id unless told. */
  readonly name?: string
  /** Compared byte for byte (RFC 9700 section 2.1). */
  readonly redirectUris: readonly string[]
  /** Compared byte for byte (RP-Initiated Logout 1.0 section 3). */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Origins that may read token responses (CORS); by default those of the redirect URIs. */
  readonly origins?: readonly string[]
  /** With `refresh_token` every login brings a refresh token, not only one with `offline_access`. */
  readonly grantTypes?: readonly ('authorization_code' | 'refresh_token')[]
}

/** Somebody who can log in. */
export interface RegisteredUser {
  readonly sub: string
  readonly username: string
  readonly password: string
  /** Claims for the ID token; `email` ones need the scope `email`, `phone_number` ones `phone`, all others `profile`. */
  readonly claims?: JsonObject
  /** Whether the password alone is not enough; false unless told. */
  readonly secondFactor?: boolean
  /** The one-time code of this user, six digits that never change; `123456` unless told. The page shows it. */
  readonly oneTimeCode?: string
}

/** How long things live. */
export interface Lives {
  readonly accessTokenSeconds: number
  readonly idTokenSeconds: number
  /** From the login on: rotation does not extend it. */
  readonly refreshTokenSeconds: number
  /**
   * How long after its first use a rotated refresh token is still taken, for a client that has
   * lost the answer. With 0, which is the default, a second use ends all that came of the login.
   */
  readonly rotationGraceSeconds: number
  readonly codeSeconds: number
  /** After this long without a request that uses the session, it is over. */
  readonly sessionIdleSeconds: number
  /** This long after the login it is over, however much it is used. */
  readonly sessionAbsoluteSeconds: number
  /** How long a second factor counts, as far as the session is not over: later the user is asked for a code again. */
  readonly secondFactorSeconds: number
}

/** How browsers treat the server's cookies; with `Strict` they come with no request that another site caused. */
export interface CookieAttributes {
  readonly sameSite: 'Lax' | 'None' | 'Strict'
  /** Browsers want it with `None`, and take it over http only from this machine. */
  readonly secure: boolean
}

/** A value of `response_mode`; `okta_post_message` is Okta's flat message. */
export type ResponseMode = 'query' | 'fragment' | 'web_message' | 'okta_post_message'

/** The options of `createAuthorizationServer`. */
export interface AuthorizationServerOptions extends Partial<Lives> {
  /** The exact issuer identifier; it may have a path. Requests are told apart by path, whatever their host. */
  readonly issuer: string
  /** By default `{ clientId: 'app', redirectUris: ['http://localhost:3000/callback'] }`. */
  readonly clients?: readonly RegisteredClient[]
  /** By default alice and bob, each with their own name as the password. */
  readonly users?: readonly RegisteredUser[]
  /** By default `query`, `fragment` and `web_message`. */
  readonly responseModes?: readonly ResponseMode[]
  /** Values of `acr_values` that any login satisfies, the first by default; `['1', '2']` unless told. */
  readonly acrValues?: readonly string[]
  /**
   * Values of `acr_values` that only a login with a second factor satisfies; who asks for one first makes the server ask the
   * user for a code. Unless told it is `http://schemas.openid.net/pape/policies/2007/06/multi-factor`.
   */
  readonly multiFactorAcrValues?: readonly string[]
  /** Whether every user needs a second factor; false unless told: then those need it whose own `secondFactor` is true. */
  readonly secondFactor?: boolean
  /** Other providers at which users can log in, each with a button on the login page. */
  readonly identityProviders?: readonly IdentityProvider[]
  /** Reaches the identity providers; the global `fetch` unless told. */
  readonly fetch?: typeof fetch
  /** What the pages call the server; `Sotto mock` unless told. */
  readonly name?: string
  /** The color of the pages, as `#rrggbb`; others throw a TypeError. */
  readonly accent?: string
  /** Whether a refresh token is used up by its use; true unless told. */
  readonly refreshTokenRotation?: boolean
  /** By default `Lax`; over https `None` and `Secure`, so that a frame on another site has its session. */
  readonly cookies?: CookieAttributes
  /** How tokens are signed; `RS256` unless told. */
  readonly signingAlg?: SigningAlg
  /** Whether there is an `end_session_endpoint` (RP-Initiated Logout 1.0); true unless told. */
  readonly endSession?: boolean
  /** Milliseconds since the epoch; `Date.now` unless told. */
  readonly now?: () => number
  /** Whether `/control` exists; true unless told. It is for tests only: who reaches it can log in as anybody. */
  readonly control?: boolean
  /** Origins of pages that may use `/control`, beside the server's own; none unless told. */
  readonly controlOrigins?: readonly string[]
}

/** How the pages of a server tell it from another. */
export interface Brand {
  readonly name: string
  readonly accent: string
}

/** The options with every default filled in. */
export interface Configuration {
  readonly issuer: string
  /** The issuer without a trailing slash: what endpoints are appended to. */
  readonly baseUrl: string
  /** The path of `baseUrl`, empty at the root. */
  readonly basePath: string
  readonly clients: readonly Required<RegisteredClient>[]
  readonly users: readonly Required<RegisteredUser>[]
  /** Whether the login page may say which users there are. */
  readonly usersAreDefault: boolean
  readonly responseModes: readonly ResponseMode[]
  readonly acrValues: readonly string[]
  readonly multiFactorAcrValues: readonly string[]
  readonly secondFactor: boolean
  readonly identityProviders: readonly IdentityProvider[]
  readonly fetch: typeof fetch
  readonly brand: Brand
  readonly refreshTokenRotation: boolean
  readonly cookies: CookieAttributes
  readonly signingAlg: SigningAlg
  readonly endSession: boolean
  readonly now: () => number
  readonly control: boolean
  readonly controlOrigins: readonly string[]
  readonly lives: Lives
}

const defaultUser = (username: string, name: string): RegisteredUser => ({
  sub: username,
  username,
  password: username,
  claims: {
    name,
    preferred_username: username,
    email: `${username}@example.com`,
    email_verified: true,
  },
})

const lives = (options: AuthorizationServerOptions): Lives => ({
  accessTokenSeconds: options.accessTokenSeconds ?? 300,
  idTokenSeconds: options.idTokenSeconds ?? 300,
  refreshTokenSeconds: options.refreshTokenSeconds ?? 30 * 86_400,
  rotationGraceSeconds: options.rotationGraceSeconds ?? 0,
  codeSeconds: options.codeSeconds ?? 60,
  sessionIdleSeconds: options.sessionIdleSeconds ?? 8 * 3600,
  sessionAbsoluteSeconds: options.sessionAbsoluteSeconds ?? 7 * 86_400,
  secondFactorSeconds: options.secondFactorSeconds ?? 12 * 3600,
})

const registration = (client: RegisteredClient): Required<RegisteredClient> => ({
  name: client.clientId,
  postLogoutRedirectUris: [],
  // A private-use scheme has no origin, and "null" would let every sandboxed page in.
  origins: client.redirectUris.map((uri) => new URL(uri).origin).filter((uri) => uri !== 'null'),
  grantTypes: ['authorization_code'],
  ...client,
})

const brand = ({ name = 'Sotto mock', accent = '#2f5bea' }: AuthorizationServerOptions): Brand => {
  // It is written into a style sheet.
  if (!/^#[0-9a-f]{6}$/i.test(accent)) throw new TypeError('accent must be a color like #2f5bea')
  return { name, accent }
}

function identityProviders({ identityProviders: providers = [] }: AuthorizationServerOptions) {
  const ids = providers.map(({ id }) => id)
  if (new Set(ids).size < ids.length) throw new TypeError('two identityProviders have the same id')
  return providers
}

function origin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new TypeError(`controlOrigins needs origins like http://localhost:3000, not "${text}"`)
}

const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

/** Fills the defaults in. */
export function configure(options: AuthorizationServerOptions): Configuration {
  const { issuer } = options
  const { protocol, pathname } = new URL(issuer)
  const secure = protocol === 'https:'
  const defaultClient = { clientId: 'app', redirectUris: ['http://localhost:3000/callback'] }
  const users = options.users ?? [defaultUser('alice', 'Alice Liddell'), defaultUser('bob', 'Bob')]
  return {
    issuer,
    baseUrl: issuer.replace(/\/$/, ''),
    basePath: pathname.replace(/\/$/, ''),
    clients: (options.clients ?? [defaultClient]).map(registration),
    users: users.map((user) => ({
      claims: {},
      secondFactor: false,
      oneTimeCode: '123456',
      ...user,
    })),
    usersAreDefault: options.users === undefined,
    responseModes: options.responseModes ?? ['query', 'fragment', 'web_message'],
    acrValues: options.acrValues ?? ['1', '2'],
    multiFactorAcrValues: options.multiFactorAcrValues ?? [multiFactor],
    secondFactor: options.secondFactor ?? false,
    identityProviders: identityProviders(options),
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    brand: brand(options),
    refreshTokenRotation: options.refreshTokenRotation ?? true,
    cookies: options.cookies ?? { sameSite: secure ? 'None' : 'Lax', secure },
    signingAlg: options.signingAlg ?? 'RS256',
    endSession: options.endSession ?? true,
    now: options.now ?? Date.now,
    control: options.control ?? true,
    controlOrigins: (options.controlOrigins ?? []).map(origin),
    lives: lives(options),
  }
}
