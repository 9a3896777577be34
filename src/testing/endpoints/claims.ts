import type { JsonObject } from '../server/encoding.ts'
import type { RegisteredUser } from '../server/options.ts'

/** The claims about a user that a scope asks for (OpenID Connect Core section 5.4). */
export function userClaims(
  { claims }: Required<RegisteredUser>,
  scope: readonly string[],
): JsonObject {
  const needed = (name: string) =>
    ['email', 'phone'].find((kind) => name.startsWith(kind)) ?? 'profile'
  return Object.fromEntries(Object.entries(claims).filter(([name]) => scope.includes(needed(name))))
}
