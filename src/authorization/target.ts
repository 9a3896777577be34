import type { ClientContext } from '../client/context.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import {
  checkAuthorizationParams,
  checkResource,
  checkText,
} from '../protocol/request-parameters.ts'
import { canonicalScope } from '../protocol/scope.ts'
import type { Target } from '../protocol/transaction.ts'

/** What a call may ask for, where the client's options do not do. */
export interface TargetOptions {
  /** Replaces the client's scope; `openid` is added. */
  readonly scope?: string
  readonly audience?: string
  readonly resource?: string | readonly string[]
  readonly authorizationParams?: Readonly<Record<string, string>>
}

/** What a call asks for, with the client's options filled in. */
export function resolveTarget({ options }: ClientContext, given: TargetOptions): Target {
  const call: TargetOptions = ownFields(given)
  const audience = checkText('audience', call.audience ?? options.audience)
  return ownFields({
    scope: canonicalScope(checkText('scope', call.scope ?? options.scope)),
    ...(audience && { audience }),
    resource: call.resource ? checkResource(call.resource) : options.resource,
    authorizationParams: checkAuthorizationParams(call.authorizationParams),
  }) as unknown as Target
}

/**
 * The cache partition of a target: audience, resources and the call's own parameters. Tokens for different partitions never stand in
 * for each other. The common case costs next to nothing: its key is the audience.
 */
export function partitionOf({
  audience = '',
  resource,
  authorizationParams,
}: Omit<Target, 'scope'>): string {
  const parameters = Object.entries(authorizationParams).sort(([a], [b]) => (a < b ? -1 : 1))
  // What begins with a bracket is always the long form.
  return resource.length || parameters.length || audience.startsWith('[')
    ? JSON.stringify([audience, resource, parameters])
    : audience
}

/** One string for one target: what flights, locks and the redirect guard go by. */
export function targetKey(target: Target): string {
  return JSON.stringify([partitionOf(target), target.scope])
}
