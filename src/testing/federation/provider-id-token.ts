import { fromBase64url, utf8 } from '../server/encoding.ts'
import { fetchJson, type ProviderLogin } from './identity-provider.ts'

/** The claims of a provider's ID token, as far as anybody may rely on them. */
export interface ProviderClaims {
  readonly sub: string
  readonly [name: string]: unknown
}

interface Expected {
  readonly issuer: string
  readonly clientId: string
  readonly nonce: string
  readonly nowSeconds: number
}

type Claims = Readonly<Record<string, unknown>>

type Check = (claims: Claims, expected: Expected) => boolean

const leewaySeconds = 60

/** OpenID Connect Core section 3.1.3.7. */
const checks: readonly Check[] = [
  ({ iss }, { issuer }) => iss === issuer,
  ({ aud }, { clientId }) => [aud].flat().includes(clientId),
  ({ aud, azp }, { clientId }) =>
    azp === undefined ? [aud].flat().length === 1 : azp === clientId,
  ({ exp }, { nowSeconds }) => typeof exp === 'number' && exp > nowSeconds - leewaySeconds,
  ({ iat }) => typeof iat === 'number',
  ({ nonce }, expected) => nonce === expected.nonce,
  ({ sub }) => typeof sub === 'string' && sub !== '',
]

const algorithms: ReadonlyMap<unknown, RsaHashedImportParams & EcKeyImportParams> = new Map([
  ['RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', namedCurve: '' }],
  ['ES256', { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }],
])

const parse = (part: string) => JSON.parse(new TextDecoder().decode(fromBase64url(part))) as Claims

/** Whether a published key made the signature; a key of the wrong type throws. */
async function isSigned(keys: readonly JsonWebKey[], jwt: string, header: Claims) {
  const algorithm = algorithms.get(header['alg'])
  if (!algorithm) return false
  const [head, payload, signature = ''] = jwt.split('.')
  const named = keys.filter((jwk) => 'kid' in jwk && jwk.kid === header['kid'])
  const [jwk] = header['kid'] === undefined ? keys : named
  if (!jwk) return false
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify'])
  const input = utf8(`${head}.${payload}`)
  return crypto.subtle.verify(algorithm, key, fromBase64url(signature), input)
}

/** Reads an ID token of a provider; undefined unless every check passes. */
export async function readProviderIdToken(
  fetcher: typeof fetch,
  { provider, metadata, nonce }: ProviderLogin,
  { idToken, nowMs }: { readonly idToken: unknown; readonly nowMs: number },
): Promise<ProviderClaims | undefined> {
  const keySet = await fetchJson(fetcher, metadata.jwks_uri)
  const { issuer, clientId } = provider
  const expected = { issuer, clientId, nonce, nowSeconds: nowMs / 1000 }
  try {
    const [header = '', payload = ''] = String(idToken).split('.')
    const { keys } = (keySet?.json ?? {}) as { readonly keys: readonly JsonWebKey[] }
    if (!(await isSigned(keys, String(idToken), parse(header)))) return undefined
    const claims = parse(payload)
    const isRight = checks.every((check) => check(claims, expected))
    return isRight ? (claims as ProviderClaims) : undefined
  } catch {
    return undefined
  }
}
