import { fromBase64url } from '../server/encoding.ts'
import { importPublicKey, isSignedBy } from '../server/keys.ts'

/** What an API believes, whoever shows it. */
export interface Expected {
  readonly issuer: string
  /** Any of these, of which one is the API itself. */
  readonly audiences: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly keys: readonly (JsonWebKey & { readonly kid?: string })[]
}

type Members = Readonly<Record<string, unknown>>

function decode(part: string): Members {
  const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(part)))
  return typeof value === 'object' && value !== null ? (value as Members) : {}
}

/** The claims of a JWT access token, or what is wrong with it (RFC 9068 section 4). */
export async function checkAccessToken(
  token: string,
  { issuer, audiences, now, keys }: Expected,
): Promise<{ readonly claims: Members } | { readonly problem: string }> {
  try {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const { typ, kid } = decode(header)
    if (typ !== 'at+jwt') return { problem: 'it is not an access token (typ)' }
    const jwk = keys.find((key) => key.kid === kid)
    if (!jwk) return { problem: 'its key is not published (kid)' }
    const key = await importPublicKey(jwk)
    if (!(await isSignedBy([key], `${header}.${payload}`, fromBase64url(signature)))) {
      return { problem: 'its signature is wrong' }
    }
    const claims = decode(payload)
    if (claims['iss'] !== issuer) return { problem: 'another server has issued it (iss)' }
    const audience = [claims['aud']].flat()
    if (!audiences.some((name) => audience.includes(name))) {
      return { problem: `it is for ${JSON.stringify(claims['aud'])}, not for this API (aud)` }
    }
    if (Number(claims['exp']) * 1000 <= now) return { problem: 'it has expired (exp)' }
    return { claims }
  } catch {
    return { problem: 'it is not a JWT' }
  }
}
