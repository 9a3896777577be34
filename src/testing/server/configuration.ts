import type { IdentityProvider } from '../federation/identity-provider.ts'
import { defaultClient } from './default-client.ts'
import type { SigningAlg } from './keys.ts'
import type {
  AuthorizationServerOptions,
  CookieAttributes,
  Lives,
  RegisteredClient,
  RegisteredUser,
  ResponseMode,
} from './options.ts'

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
  readonly pushedAuthorizationRequests: 'off' | 'optional' | 'required'
  readonly checkSessionFrame: boolean
  readonly dpopNonces: boolean
  readonly now: () => number
  readonly control: boolean
  readonly controlOrigins: readonly string[]
  readonly log: (text: string) => void
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
  origins: [...new Set(client.redirectUris.map((uri) => new URL(uri).origin))].filter(
    (uri) => uri !== 'null',
  ),
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

/** OpenID Connect Discovery 1.0, section 3; RFC 6749, section 3.1.2. */
function checkAddresses({ issuer, clients = [] }: AuthorizationServerOptions): void {
  if (/[?#]/.test(issuer)) throw new TypeError(`an issuer has no query and no "#": ${issuer}`)
  const uri = clients.flatMap(({ redirectUris }) => redirectUris).find((one) => one.includes('#'))
  if (uri !== undefined) throw new TypeError(`a redirect URI has no "#": ${uri}`)
}

const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

/** Fills the defaults in. */
export function configure(options: AuthorizationServerOptions): Configuration {
  const { issuer } = options
  checkAddresses(options)
  const { protocol, pathname } = new URL(issuer)
  const secure = protocol === 'https:'
  const users = options.users ?? [defaultUser('alice', 'Alice Liddell'), defaultUser('bob', 'Bob')]
  return {
    issuer,
    baseUrl: issuer.replace(/\/$/, ''),
    basePath: pathname.replace(/\/$/, ''),
    clients: (options.clients ?? [defaultClient()]).map(registration),
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
    pushedAuthorizationRequests: options.pushedAuthorizationRequests ?? 'optional',
    checkSessionFrame: options.checkSessionFrame ?? false,
    dpopNonces: options.dpopNonces ?? false,
    now: options.now ?? Date.now,
    control: options.control ?? true,
    controlOrigins: (options.controlOrigins ?? []).map(origin),
    log: options.log ?? (() => {}),
    lives: lives(options),
  }
}
