import { parseArgs } from 'node:util'
import type { IdentityProvider } from '../federation/identity-provider.ts'
import type {
  AuthorizationServerOptions,
  CookieAttributes,
  Lives,
  RegisteredUser,
} from '../server/options.ts'
import { readClients } from './clients.ts'
import { oneOf, split, url, wholeNumber } from './values.ts'

/** What the command line asks for. */
export interface CommandLine {
  readonly port: number
  readonly host: string
  /** Where the echo API listens, if there is one. */
  readonly apiPort?: number
  readonly server: AuthorizationServerOptions
}

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const on = { type: 'boolean', default: true } as const
const off = { type: 'boolean', default: false } as const

const flags = {
  port: { type: 'string', default: '4000' },
  host: { type: 'string', default: '127.0.0.1' },
  issuer: text,
  client: texts,
  app: texts,
  api: text,
  'post-logout': texts,
  user: texts,
  'access-token-seconds': text,
  'id-token-seconds': text,
  'refresh-token-seconds': text,
  'rotation-grace-seconds': text,
  'code-seconds': text,
  'session-idle-seconds': text,
  'session-absolute-seconds': text,
  'second-factor-seconds': text,
  name: text,
  accent: text,
  'identity-provider': texts,
  'second-factor': off,
  'same-site': text,
  'signing-alg': text,
  'web-message': on,
  rotate: on,
  'end-session': on,
  'check-session': off,
  'pushed-requests': text,
  'dpop-nonces': off,
  control: on,
  'control-origin': texts,
  help: { ...off, short: 'h' },
} as const

const lifeFlags = {
  'access-token-seconds': 'accessTokenSeconds',
  'id-token-seconds': 'idTokenSeconds',
  'refresh-token-seconds': 'refreshTokenSeconds',
  'rotation-grace-seconds': 'rotationGraceSeconds',
  'code-seconds': 'codeSeconds',
  'session-idle-seconds': 'sessionIdleSeconds',
  'session-absolute-seconds': 'sessionAbsoluteSeconds',
  'second-factor-seconds': 'secondFactorSeconds',
} as const

const read = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: flags, allowNegative: true }).values

type Values = ReturnType<typeof read>

function lives(values: Values): Partial<Lives> {
  const given = Object.entries(lifeFlags).flatMap(([flag, name]) => {
    const value = values[flag as keyof typeof lifeFlags]
    return value === undefined ? [] : [[name, wholeNumber(flag, value)] as const]
  })
  return Object.fromEntries(given)
}

function user(value: string): RegisteredUser {
  const [username, password] = split('user', value, '<name>:<password>')
  const email = username.includes('@') ? username : `${username}@example.com`
  const claims = { name: username, preferred_username: username, email, email_verified: true }
  return { sub: username, username, password, claims }
}

function cookies(value: string, issuer: string): CookieAttributes {
  const sameSite = oneOf('same-site', value, ['Lax', 'None', 'Strict'] as const)
  return { sameSite, secure: sameSite === 'None' || issuer.startsWith('https:') }
}

/** The provider knows the server as the client `sotto-mock`. */
function identityProvider(value: string): IdentityProvider {
  const [name, issuer] = split('identity-provider', value, '<name>=<issuer>')
  const id = name.toLowerCase().replace(/[^a-z\d]+/g, '-')
  return { id, name, issuer: url('identity-provider', issuer), clientId: 'sotto-mock' }
}

/** The host in an address: one that listens on every address is called by its usual name. */
export function hostName(host: string): string {
  return ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host
}

/**
 * Reads the command line; undefined where it asks for help.
 *
 * @throws TypeError with a message for the user
 */
export function readCommandLine(args: readonly string[]): CommandLine | undefined {
  const values = read(args)
  if (values.help) return undefined
  const port = wholeNumber('port', values.port, 65_535)
  const issuer = url('issuer', values.issuer ?? `http://${hostName(values.host)}:${port}`)
  const server: AuthorizationServerOptions = {
    issuer,
    clients: readClients(values),
    ...lives(values),
    ...(values.user ? { users: values.user.map(user) } : {}),
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.accent === undefined ? {} : { accent: values.accent }),
    ...(values['identity-provider']
      ? { identityProviders: values['identity-provider'].map(identityProvider) }
      : {}),
    ...(values['same-site'] ? { cookies: cookies(values['same-site'], issuer) } : {}),
    ...(values['signing-alg']
      ? { signingAlg: oneOf('signing-alg', values['signing-alg'], ['RS256', 'ES256'] as const) }
      : {}),
    ...(values['web-message'] ? {} : { responseModes: ['query', 'fragment'] }),
    secondFactor: values['second-factor'],
    refreshTokenRotation: values.rotate,
    endSession: values['end-session'],
    checkSessionFrame: values['check-session'],
    dpopNonces: values['dpop-nonces'],
    ...(values['pushed-requests']
      ? {
          pushedAuthorizationRequests: oneOf('pushed-requests', values['pushed-requests'], [
            'off',
            'optional',
            'required',
          ] as const),
        }
      : {}),
    control: values.control,
    ...(values['control-origin'] ? { controlOrigins: values['control-origin'] } : {}),
  }
  const apiPort =
    values.api === undefined ? {} : { apiPort: wholeNumber('api', values.api, 65_535) }
  return { port, host: values.host, ...apiPort, server }
}
