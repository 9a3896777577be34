import { randomToken, type JsonObject, type JsonValue } from '../server/encoding.ts'
import type { Authentication } from '../server/records.ts'
import type { ServerState } from '../server/state.ts'
import type { User } from '../server/users.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { ProviderClaims } from './provider-id-token.ts'

const copied = [
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'picture',
  'email',
  'email_verified',
  'phone_number',
  'phone_number_verified',
]

function profileOf(claims: ProviderClaims): JsonObject {
  const known = copied.filter((name) => claims[name] !== undefined)
  return Object.fromEntries(known.map((name) => [name, claims[name] as JsonValue]))
}

function freeName(
  { users }: ServerState,
  { id }: IdentityProvider,
  claims: ProviderClaims,
): string {
  const { sub, preferred_username: preferred } = claims
  const name = `${typeof preferred === 'string' ? preferred : sub}@${id}`
  return users.some(({ username }) => username === name) ? `${sub}@${id}` : name
}

/**
 * The user of this server who is somebody at a provider, made at their first login and brought up
 * to date at each. They are known by issuer and `sub` only: an e-mail address, which anybody may
 * claim somewhere, links no accounts.
 */
export function federatedUser(
  state: ServerState,
  provider: IdentityProvider,
  claims: ProviderClaims,
): User {
  const { issuer } = provider
  const known = state.users.find(
    ({ identity }) => identity?.issuer === issuer && identity.sub === claims.sub,
  )
  if (known) {
    known.claims = { ...profileOf(claims), ...known.changedClaims }
    return known
  }
  const user: User = {
    sub: `${provider.id}|${claims.sub}`,
    username: freeName(state, provider, claims),
    // Nobody knows it: they log in at the provider.
    password: randomToken(),
    claims: profileOf(claims),
    changedClaims: {},
    secondFactor: false,
    oneTimeCode: '123456',
    identity: { issuer, sub: claims.sub },
  }
  state.users.push(user)
  return user
}

/**
 * How a user has authenticated at a provider. `auth_time` is taken over by its age, since the clock
 * of this server may have been moved; `amr` is what the provider says, and a second factor that was
 * used there counts here.
 */
export function federatedLogin(
  state: ServerState,
  { id }: IdentityProvider,
  { amr, auth_time: at }: ProviderClaims,
): Authentication {
  const age = typeof at === 'number' ? state.configuration.now() / 1000 - at : 0
  const authTime = Math.floor(state.now() / 1000 - Math.max(0, age))
  const used = Array.isArray(amr) ? amr.filter((method) => typeof method === 'string') : []
  return {
    identityProvider: id,
    authTime,
    amr: used,
    ...(used.includes('mfa') && { secondFactorAt: authTime * 1000 }),
  }
}
