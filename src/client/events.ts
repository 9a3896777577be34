import type { AuthErrorCode, RenewalAttempt } from '../errors.ts'
import type { AuthSnapshot } from '../session/snapshot.ts'

/** Something that was mended or worked around: no call failed because of it. */
export interface AuthWarning {
  readonly code: AuthErrorCode | 'scope_narrowed' | 'server_session_remains'
  /** What exactly: the scopes that were not granted, the storage operation that failed. Never a secret. */
  readonly reason?: string
}

/** The events of a client, by type. None carries a token, code, verifier, nonce or state. */
export interface AuthEvents {
  /** The snapshot changed. */
  readonly session: AuthSnapshot
  /** A new access token is in the cache. `expiresAt` in milliseconds since the epoch. */
  readonly token: { readonly audience?: string; readonly scope: string; readonly expiresAt: number }
  /**
   * A silent renewal ended. `durationMs` in milliseconds. `strategy` is the label of the one that succeeded, absent where another tab
   * had renewed already; `attempts` are those that gave up before it.
   */
  readonly renewal: {
    readonly outcome: 'success' | 'failure'
    readonly durationMs: number
    readonly strategy?: string
    readonly attempts: readonly RenewalAttempt[]
    readonly error?: AuthErrorCode
  }
  readonly warning: AuthWarning
}

/** Receives events and warnings as they happen; `console` fits. */
export interface AuthLogger {
  debug(message: string, data: unknown): void
  warn(message: string, data: unknown): void
}

export interface EventEmitter {
  on<Type extends keyof AuthEvents>(
    type: Type,
    listener: (event: AuthEvents[Type]) => void,
  ): () => void
  emit<Type extends keyof AuthEvents>(type: Type, event: AuthEvents[Type]): void
  clear(): void
}

/** Calls every listener. One that throws is reported like an uncaught error, and stops neither the others nor the flow. */
export function notify<Event>(listeners: Iterable<(event: Event) => void>, event: Event): void {
  for (const listener of [...listeners]) {
    try {
      listener(event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

export function createEventEmitter(logger?: AuthLogger): EventEmitter {
  // The map's value type is erased here and restored by the signatures of `on` and `emit`.
  const listeners = new Map<string, Set<(event: never) => void>>()
  return {
    on(type, listener) {
      let registered = listeners.get(type)
      if (!registered) listeners.set(type, (registered = new Set()))
      // A wrapper, so that registering one function twice gives two registrations, each with its own end.
      const registration = (event: never): void => listener(event)
      registered.add(registration)
      return () => registered.delete(registration)
    },
    emit(type, event) {
      logger?.[type === 'warning' ? 'warn' : 'debug']?.(`sotto: ${type}`, event)
      notify((listeners.get(type) ?? []) as Iterable<(event: unknown) => void>, event)
    },
    clear: () => listeners.clear(),
  }
}
