import { createHash, createPublicKey, verify } from 'node:crypto'
import { type StaticRequest, type StaticResponse, serveStatic } from '../../tools/static-server.ts'

/** An API that takes bound tokens only (RFC 9449), of another origin than the app. */
export interface DpopApi {
  readonly origin: string
  /** What became of each request but the preflights, in order. */
  readonly outcomes: readonly string[]
  readonly close: () => Promise<void>
}

interface Claims {
  readonly htm?: string
  readonly htu?: string
  readonly ath?: string
  readonly jti?: string
  readonly iat?: number
  readonly nonce?: string
}

const decode = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** A nonce that is good until the next one. */
export async function serveDpopApi(appOrigin: string): Promise<DpopApi> {
  const outcomes: string[] = []
  const seen = new Set<string>()
  let serial = 0
  let origin = ''
  const cors = {
    'access-control-allow-origin': appOrigin,
    'access-control-allow-headers': 'authorization, dpop',
    'access-control-allow-methods': 'PUT',
    'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce',
  }

  function check({ url, method, headers }: StaticRequest): string {
    const token = /^DPoP (.+)$/.exec(headers['authorization'] ?? '')?.[1]
    const proof = headers['dpop']
    if (token === undefined || typeof proof !== 'string') return 'no proof'
    const [head, payload, signature = ''] = proof.split('.')
    const { typ, jwk } = decode(head) as { typ: string; jwk: Record<string, string> }
    const { htm, htu, ath, jti = '', iat = 0, nonce } = decode(payload) as Claims
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    const { crv, kty, x, y } = jwk
    const thumbprint = sha256(JSON.stringify({ crv, kty, x, y }))
    const { cnf } = decode(token.split('.')[1]) as { cnf?: { jkt: string } }
    if (typ !== 'dpop+jwt' || !isSigned) return 'wrong signature'
    if (htm !== method || htu !== origin + url.pathname) return 'another request'
    if (ath !== sha256(token) || cnf?.jkt !== thumbprint) return 'another token'
    if (Math.abs(Date.now() / 1000 - iat) > 60) return 'another time'
    if (nonce !== `nonce-${serial}`) return 'nonce'
    if (seen.has(jti)) return 'replay'
    seen.add(jti)
    return 'good'
  }

  const respond = (request: StaticRequest): StaticResponse => {
    if (request.method === 'OPTIONS') return { status: 204, headers: cors }
    const outcome = check(request)
    outcomes.push(outcome)
    const error = outcome === 'nonce' ? 'use_dpop_nonce' : 'invalid_token'
    const challenge = outcome === 'good' ? {} : { 'www-authenticate': `DPoP error="${error}"` }
    const headers = { ...cors, ...challenge, 'dpop-nonce': `nonce-${++serial}` }
    return { status: outcome === 'good' ? 200 : 401, headers, body: outcome }
  }
  const { port, close } = await serveStatic({ root: import.meta.dirname, respond })
  origin = `http://127.0.0.1:${port}`
  return { origin, outcomes, close }
}
