import { base64url, fromBase64url, sha256 } from '../server/encoding.ts'
import { importPublicKey, isSignedBy } from '../server/keys.ts'

/** What a proof is held against. */
export interface ProvenRequest {
  readonly request: Request
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The access token that comes with it, at a protected resource. */
  readonly accessToken?: string
}

/** A proof that is good for its request; whether it came before, and its nonce, are to be seen. */
export interface Proof {
  /** The thumbprint of its key (RFC 7638). */
  readonly jkt: string
  readonly jti: string
  readonly nonce: string | undefined
}

type Members = Readonly<Record<string, unknown>>

/** How old a proof may be, or how far ahead, in seconds. */
const maxAgeSeconds = 60

function decode(part: string): Members {
  const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(part)))
  return typeof value === 'object' && value !== null ? (value as Members) : {}
}

async function thumbprint({ crv, kty, x, y }: JsonWebKey): Promise<string> {
  return base64url(await sha256(JSON.stringify({ crv, kty, x, y })))
}

/** Why the header of a proof cannot be taken. */
function headerProblem({ typ, alg, jwk }: Members): string | undefined {
  const { kty, crv, d } = (jwk ?? {}) as JsonWebKey
  if (typ !== 'dpop+jwt') return 'its typ is not dpop+jwt'
  if (alg !== 'ES256') return 'its alg is not ES256'
  if (kty !== 'EC' || crv !== 'P-256') return 'its jwk is no P-256 key'
  return d === undefined ? undefined : 'its jwk is a private key'
}

async function claimsProblem(
  { htm, htu, iat, jti, ath }: Members,
  { request, now, accessToken }: ProvenRequest,
): Promise<string | undefined> {
  const { origin, pathname } = new URL(request.url)
  if (htm !== request.method) return 'its htm is another method'
  if (htu !== origin + pathname) return 'its htu is another address'
  if (!(Math.abs(now / 1000 - Number(iat)) <= maxAgeSeconds)) return 'its iat is too far away'
  if (typeof jti !== 'string' || jti.length < 16) return 'its jti is missing or short'
  const hash = accessToken === undefined ? undefined : base64url(await sha256(accessToken))
  return ath === hash ? undefined : 'its ath is not that of the access token'
}

/**
 * Checks the DPoP proof of a request, if it has one; says what is wrong with it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 RFC 9449, section 4.3}
 */
export async function readProof(
  input: ProvenRequest,
): Promise<Proof | { readonly problem: string } | undefined> {
  const proof = input.request.headers.get('dpop')
  if (proof === null) return undefined
  try {
    // Two headers come as one, with a comma in it.
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) return { problem: 'it is not one JWT' }
    const [head = '', payload = '', signature = ''] = proof.split('.')
    const header = decode(head)
    const claims = decode(payload)
    const problem = headerProblem(header)
    if (problem !== undefined) return { problem }
    const jwk = header['jwk'] as JsonWebKey
    const key = await importPublicKey(jwk)
    if (!(await isSignedBy([key], `${head}.${payload}`, fromBase64url(signature)))) {
      return { problem: 'its signature is wrong' }
    }
    const unfit = await claimsProblem(claims, input)
    if (unfit !== undefined) return { problem: unfit }
    const { jti, nonce } = claims
    return {
      jkt: await thumbprint(jwk),
      jti: String(jti),
      nonce: typeof nonce === 'string' ? nonce : undefined,
    }
  } catch {
    return { problem: 'it is not a JWT' }
  }
}
