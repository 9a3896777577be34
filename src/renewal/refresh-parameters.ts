import type { StoredRefreshToken } from '../session/stored-refresh-token.ts'
import { partitionOf, type KeyedTarget } from '../authorization/resolve-target.ts'
import { decodePart } from '../protocol/id-token.ts'
import { canonicalScope, splitScope } from '../protocol/scope.ts'

/** How a refresh token is used for a target. */
export interface RefreshParameters {
  /** What is sent besides the token: only what is not as at the login. */
  readonly parameters: readonly (readonly [string, string])[]
  /** What an answer without a scope means. */
  readonly scope: string
  /**
   * Who the access token must be for, and who it must not be for, where a server that knows no
   * better would err.
   */
  readonly audiences: readonly string[]
  readonly otherAudiences: readonly string[]
}

/** What a login asked for, as its cache partition says it. */
type Partition = readonly [
  audience: string,
  resource: readonly string[],
  parameters: readonly (readonly [string, string])[],
]

/**
 * Plans a refresh request, or says why the refresh token is of no use for the target.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-6 RFC 6749, section 6}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 RFC 8707, section 2.2}
 */
export function chooseRefreshParameters(
  stored: StoredRefreshToken,
  target: KeyedTarget,
): RefreshParameters | string {
  const scope = planScope(stored, target.scope)
  const { audience = '', resource, authorizationParams } = target
  const [loginAudience, loginResource, loginParameters] = readPartition(stored.partition)
  const same = target.partition === stored.partition
  // These go with an authorization request only: they may choose a tenant, or a stronger login.
  const parametersOf = (parameters: object): string =>
    partitionOf({ resource: [], authorizationParams: parameters as Record<string, string> })
  const asked = Object.fromEntries(loginParameters)
  if (!same && parametersOf(authorizationParams) !== parametersOf(asked))
    return 'authorization_params'
  // Nothing can be sent that takes an audience away.
  if (loginAudience && !audience) return 'audience'
  if (loginResource.length && !resource.length) return 'resource'
  if (scope === undefined) return 'scope'
  return {
    parameters: [
      ...(scope ? [['scope', scope] as const] : []),
      ...(audience === loginAudience ? [] : [['audience', audience] as const]),
      ...resource.map((uri) => ['resource', uri] as const),
    ],
    scope: scope || stored.scope,
    audiences: same ? [] : [...(audience ? [audience] : []), ...resource],
    otherAudiences: loginResource.filter((uri) => !resource.includes(uri)),
  }
}

/**
 * Scopes that ask for claims and for a refresh token. A server may leave them out of what the access
 * token is good for: Entra ID lists only those of the API.
 */
const OF_NO_API = /^(profile|email|address|phone|offline_access)$/

/**
 * The scope to send: none for what the login asked for, so that nothing is lost; a part of what was
 * granted; undefined for more than that, which only an authorization request can ask for.
 */
function planScope(
  { requestedScope, scope }: StoredRefreshToken,
  wanted: string,
): string | undefined {
  const granted = canonicalScope(scope)
  if (wanted === requestedScope || wanted === granted) return ''
  const all = splitScope(granted)
  const requested = splitScope(requestedScope)
  const isLeftOut = (name: string): boolean => requested.has(name) && OF_NO_API.test(name)
  const names = new Set([...splitScope(wanted)].filter((name) => all.has(name) || !isLeftOut(name)))
  if ([...names].some((name) => !all.has(name))) return undefined
  // Without it some servers give no further refresh token.
  if (all.has('offline_access')) names.add('offline_access')
  const sent = canonicalScope([...names].join(' '))
  return sent === granted ? '' : sent
}

function readPartition(partition: string): Partition {
  // oxlint-disable-next-line own-fields/parsed -- a text of ours, and a list
  return partition.startsWith('[') ? (JSON.parse(partition) as Partition) : [partition, [], []]
}

/**
 * Whether an access token is for whom it was asked for: a server that does not know the parameter
 * gives one for the audience of the login. Where it cannot be seen (the token is opaque) it is not
 * assumed.
 */
export function isForTarget(
  accessToken: string,
  { audiences, otherAudiences }: RefreshParameters,
): boolean {
  if (!audiences.length) return true
  try {
    const found = [decodePart(accessToken, 1)['aud']].flat()
    return (
      audiences.every((one) => found.includes(one)) &&
      !otherAudiences.some((one) => found.includes(one))
    )
  } catch {
    return false
  }
}
