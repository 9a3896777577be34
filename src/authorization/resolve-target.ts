import {
  checkAuthorizationParams,
  checkResource,
  checkText,
} from '../protocol/request-parameters.ts'
import { canonicalScope } from '../protocol/scope.ts'
import type { Target, TargetOptions } from '../protocol/target.ts'

/** What stands in for what a call leaves out. */
export interface TargetDefaults {
  readonly scope: string
  readonly audience?: string
  readonly resource: readonly string[]
}

/** A target with its keys, worked out once. */
export interface KeyedTarget extends Target {
  readonly audience: string | undefined
  /** The cache partition: tokens for different ones never stand in for each other. */
  readonly partition: string
  /** One string for one target: what flights, locks and the redirect guard go by. */
  readonly key: string
}

/**
 * What a call asks for, with the client's options filled in.
 *
 * @param call without a prototype
 */
export function resolveTarget(options: TargetDefaults, call: TargetOptions): KeyedTarget {
  const audience = checkText('audience', call.audience ?? options.audience)
  const scope = checkText('scope', call.scope ?? options.scope)
  const resource = call.resource ? checkResource(call.resource) : options.resource
  const authorizationParams = checkAuthorizationParams(call.authorizationParams)
  return withKeys({ scope: canonicalScope(scope), audience, resource, authorizationParams })
}

/** Every member is its own, so that none is read from a prototype. */
export function withKeys({ scope, audience, resource, authorizationParams }: Target): KeyedTarget {
  const partition = partitionOf({ audience, resource, authorizationParams })
  const key = JSON.stringify([partition, scope])
  return { scope, audience: audience || undefined, resource, authorizationParams, partition, key }
}

/**
 * The cache partition of a target: audience, resources and the call's own parameters. The common
 * case costs next to nothing: its key is the audience.
 */
export function partitionOf({
  audience = '',
  resource,
  authorizationParams,
}: Omit<Target, 'scope'>): string {
  const parameters = Object.keys(authorizationParams)
    .sort()
    .map((name) => [name, authorizationParams[name]])
  // What begins with a bracket is always the long form.
  return resource.length || parameters.length || audience.startsWith('[')
    ? JSON.stringify([audience, resource, parameters])
    : audience
}
