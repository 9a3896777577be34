import { AuthError } from '../errors.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { IdTokenClaims } from '../protocol/token-set.ts'
import type { User } from './auth-snapshot.ts'
import type { ClaimsSchema, SchemaIssue } from './claims-schema.ts'

/**
 * Makes the user of an ID token's claims, and what else is known. The token is signed: its claims
 * count.
 *
 * @throws AuthError `claims_invalid` where the app's schema refuses them
 */
export type ReadUser = (identity: {
  readonly claims: IdTokenClaims
  readonly userInfo?: Readonly<Record<string, unknown>> | undefined
}) => User

/** What a schema gives, as far as it is one. */
interface AnyResult {
  readonly value: unknown
  readonly issues: readonly SchemaIssue[] | null
}

interface SchemaOutcome {
  readonly value: unknown
  readonly issue: SchemaIssue | undefined
}

// These describe one ID token rather than the user, and differ in each renewal.
const TOKEN_CLAIMS = new Set(['iat', 'exp', 'nbf', 'nonce', 'at_hash', 'c_hash', 'jti'])

/** Gives the same user again while nothing about them changes. */
export function createUserReader(schema: ClaimsSchema | undefined): ReadUser {
  let known: { readonly text: string; readonly user: User } | undefined
  return (identity) => {
    // Own fields: tokens may have a prototype, and no user info.
    const { userInfo, claims: signed } = ownFields<typeof identity>(identity)
    const claims = { ...userInfo, ...deepFreeze(signed) }
    const described = describe(deepFreeze(claims))
    const text = JSON.stringify(described)
    if (known?.text !== text) {
      // What a schema makes is not frozen itself: it may be a date, or have methods.
      const user = schema
        ? Object.freeze({ ...described, ...parseClaims(schema, claims) })
        : described
      known = { text, user: user as User }
    }
    return known.user
  }
}

/**
 * What the app's schema makes of claims, without those that belong to one ID token only.
 *
 * @throws AuthError `claims_invalid`, with the path of the first claim that does not fit as the
 *   reason; `config_invalid` where the schema throws, is asynchronous, or makes something else than
 *   an object
 */
export function parseClaims(schema: ClaimsSchema, claims: object): object {
  const { value, issue } = validate(schema, claims)
  if (issue) {
    const path = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part))
    const reason = path?.join('.') || 'claims'
    throw new AuthError('claims_invalid', { reason }, ` ${issue.message}.`)
  }
  // A promise has no value either.
  if (Object(value) !== value) throw configInvalid('claims')
  return describe(value as object)
}

function validate(schema: ClaimsSchema, claims: object): SchemaOutcome {
  try {
    const { value, issues } = schema['~standard'].validate(claims) as Partial<AnyResult>
    return { value, issue: issues?.[0] }
  } catch (error) {
    // Not the error itself: it may quote claims.
    throw configInvalid('claims', ` The schema threw: ${(error as Error | undefined)?.name}.`)
  }
}

function describe(claims: object): object {
  return Object.freeze(
    Object.fromEntries(
      Object.keys(claims)
        .sort()
        .filter((name) => !TOKEN_CLAIMS.has(name))
        .map((name) => [name, (claims as IdTokenClaims)[name]]),
    ),
  )
}

/** Freezes a value and everything in it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
