import type { RedirectContext } from '../authorization/redirect.ts'
import { resolveTarget, type KeyedTarget } from '../authorization/resolve-target.ts'
import type { TargetOptions } from '../protocol/target.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import type { AuthClient } from './auth-client.ts'
import type { EventEmitter } from './events.ts'
import { createEventEmitter } from './events.ts'
import type { OpenedOptions } from './session-owner.ts'
import type { Session } from '../session/session-view.ts'
import type { SessionOwner } from './session-owner.ts'

/** One client: a view of the session that its owner has. */
export interface ClientContext extends RedirectContext {
  readonly options: OpenedOptions
  readonly owner: SessionOwner
  readonly session: Session
  readonly events: EventEmitter
  /** Aborted when the client is disposed of. */
  readonly ended: AbortController
  /** The whole redirect URI, once it was resolved at first use in a browser. */
  redirectUri: string
}

export function createContext(options: OpenedOptions, owner: SessionOwner): ClientContext {
  const { session, server, fetch, transactions, redirects, leaver } = owner
  const events = createEventEmitter(options.logger)
  const context: ClientContext = {
    options,
    owner,
    session,
    server,
    fetch,
    transactions,
    redirects,
    leaver,
    events,
    ended: new AbortController(),
    redirectUri: '',
  }
  contexts.set(events.on, context)
  return context
}

/** What a call asks for, with this client's options filled in. */
export function targetOf({ options }: ClientContext, call: TargetOptions): KeyedTarget {
  return resolveTarget(options, call)
}

/**
 * By a method of its client, of which a store of a framework hands out a proxy. Lets functions that
 * take a client find what belongs to it, without making it part of the client's own shape.
 */
const contexts: WeakMap<object, ClientContext> = /* @__PURE__ */ new WeakMap()

/** What belongs to a client; undefined for what only looks like one, as in the tests of an app. */
export function findContext(client: object): ClientContext | undefined {
  return contexts.get((client as Partial<AuthClient> | undefined)?.on as object)
}

/**
 * What belongs to a client.
 *
 * @throws AuthError `config_invalid` for anything that `createAuthClient` of this very copy of the
 *   library did not make
 */
export function contextOf(client: object): ClientContext {
  const context = findContext(client)
  if (!context) throw configInvalid('auth')
  return context
}
