// A server for many tenants has one issuer for each. It names a template in its metadata, and the
// tenant in each ID token (`tid`).
import { AuthError } from '../errors.ts'
import { decodePart } from './id-token.ts'
import type { ServerMetadata } from './discovery.ts'
import type { IdTokenClaims } from './token-set.ts'
import { ownFields } from './without-prototype.ts'

const PLACEHOLDER = '{tenantid}'

export function isTemplate(issuer: string): boolean {
  return issuer.includes(PLACEHOLDER)
}

/**
 * The issuer of one tenant. That of a server without a template is its only one.
 *
 * @returns undefined where a tenant is called for and this is none
 */
export function issuerOf(issuer: string, tenant: unknown): string | undefined {
  if (!isTemplate(issuer)) return issuer
  const isName = typeof tenant === 'string' && /^[0-9A-Za-z-]+$/.test(tenant)
  return isName ? issuer.replace(PLACEHOLDER, tenant) : undefined
}

/** Whether this is the issuer, or that of any tenant. */
export function isIssuer(issuer: string, given: string): boolean {
  const [before = '', after = ''] = issuer.split(PLACEHOLDER)
  return issuerOf(issuer, given.slice(before.length, given.length - after.length)) === given
}

/**
 * The server as the tenant of an ID token has it: its issuer is the one to be expected.
 *
 * @throws AuthError `id_token_invalid`, with the reason `iss`, where the token names no tenant
 */
export function asTenant(server: ServerMetadata, idToken: unknown): ServerMetadata {
  if (!isTemplate(server.issuer)) return server
  const claims = readClaims(idToken)
  if (!claims) return server
  const issuer = issuerOf(server.issuer, claims['tid'])
  if (!issuer) throw new AuthError('id_token_invalid', { reason: 'iss' })
  return ownFields({ ...server, issuer })
}

function readClaims(idToken: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodePart(String(idToken), 1)
  } catch {
    // What is no JWT, or not there, is refused where it is validated.
    return undefined
  }
}

/** Who a user is: a `sub` is unique within its issuer only. */
export function subjectOf(
  issuer: string,
  { iss, sub }: Pick<IdTokenClaims, 'iss' | 'sub'>,
): string {
  return isTemplate(issuer) ? `${iss} ${sub}` : sub
}
