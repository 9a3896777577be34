import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { Provider } from 'oidc-provider'

/** The client whose ID tokens are signed with ES256; the other is `app`, with RS256. */
export const ES256_CLIENT_ID = 'app-es256'
/** The one resource server, whose access tokens are JWTs. */
export const API = 'https://api.example/'

const ACCESS_TOKEN_SECONDS = 60

/**
 * What becomes of a refresh token by its use: nothing, or its end, at once or after a grace period
 * for lost answers.
 */
export type Rotation = 'none' | 'grace' | 'strict'

const GRACE_MS = 30_000

/** What it demands: proofs with its nonces (DPoP), and requests that are pushed (PAR). */
export type Demand = 'dpop' | 'par'

/**
 * A provider with two clients whose pages are on `appOrigin`, and with every name for a user;
 * `overrides` replaces members of its configuration.
 */
export async function createProvider(
  issuer: string,
  appOrigin: string,
  rotation: Rotation = 'strict',
  demands: readonly Demand[] = [],
  overrides: object = {},
): Promise<Provider> {
  const { default: RealProvider, errors } = await quietly(() => import('oidc-provider'))
  const getResourceServerInfo = (_context: unknown, resource: string) => {
    if (resource !== API) throw new errors.InvalidTarget()
    return { scope: '', audience: API, accessTokenFormat: 'jwt' }
  }
  const configuration = createConfiguration(appOrigin)
  const features = {
    ...configuration.features,
    resourceIndicators: { enabled: true, getResourceServerInfo },
    dPoP: {
      enabled: demands.includes('dpop'),
      nonceSecret: randomBytes(32),
      requireNonce: () => true,
    },
    pushedAuthorizationRequests: {
      enabled: demands.includes('par'),
      requirePushedAuthorizationRequests: true,
    },
  }
  const rotateRefreshToken = rotation !== 'none'
  const options = { ...configuration, features, rotateRefreshToken, ...overrides }
  const provider = await quietly(async () => new RealProvider(issuer, options))
  if (rotation === 'grace') graceUsedTokens(provider)
  return provider
}

/**
 * It has no setting for a grace period: those who want one put the end of a used token off, as this
 * does.
 */
function graceUsedTokens({ RefreshToken: { prototype } }: Provider): void {
  const { consume } = prototype
  prototype.consume = async function () {
    setTimeout(() => void consume.call(this), GRACE_MS).unref()
  }
}

function createConfiguration(appOrigin: string) {
  const client = (client_id: string, id_token_signed_response_alg: string) => ({
    client_id,
    id_token_signed_response_alg,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${appOrigin}/callback`, `${appOrigin}/silent.html`],
    post_logout_redirect_uris: [`${appOrigin}/`, `${appOrigin}/logged-out`],
  })
  return {
    clients: [client('app', 'RS256'), client(ES256_CLIENT_ID, 'ES256')],
    jwks: { keys: createKeys() },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    pkce: { required: () => true },
    routes: { authorization: '/authorize' },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    // By default it keeps the refresh tokens of public clients only where the user was asked for
    // offline access.
    issueRefreshToken: () => true,
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      Interaction: 600,
      IdToken: 3600,
      Grant: 3600,
      RefreshToken: 3600,
      Session: 3600,
    },
    clientBasedCORS: (_context: unknown, origin: string) => origin === appOrigin,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
      revocation: { enabled: true, allowedPolicy: isOwnToken },
      rpInitiatedLogout: { enabled: true, logoutSource: sendLogoutForm },
    },
    renderError: (context: { type: string; body: string }, { error }: { error: string }) => {
      context.type = 'html'
      context.body = `<!doctype html><title>Error</title><p>${error}`
    },
  }
}

/** The default, which warns that it is one. */
function isOwnToken(
  _context: unknown,
  { clientId }: { readonly clientId: string },
  token: { readonly clientId: string },
): boolean {
  return token.clientId === clientId
}

let keys: readonly object[] | undefined

/** Once per process: an RSA key takes a quarter of a second. */
function createKeys(): readonly object[] {
  const toJwk = (key: KeyObject, alg: string) => ({ ...key.export({ format: 'jwk' }), alg })
  keys ??= [
    toJwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'RS256'),
    toJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256'),
  ]
  return keys
}

/** Asks nobody whether the session shall end. */
function sendLogoutForm(context: { body: string }, form: string): void {
  context.body = `<!doctype html>
<title>Log out</title>
${form}
<script>
  const form = document.forms[0]
  form.insertAdjacentHTML('beforeend', '<input type="hidden" name="logout" value="yes">')
  form.submit()
</script>`
}

/** Without the advice for those who run it in production. */
async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { warn } = globalThis.console
  globalThis.console.warn = () => {}
  try {
    return await work()
  } finally {
    globalThis.console.warn = warn
  }
}
