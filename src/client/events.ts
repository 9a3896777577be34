import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { createListeners, type Listeners } from '../browser/listeners.ts'
import { AuthError, type AuthErrorCode } from '../errors.ts'
import type { RenewalReport } from '../renewal/renewal-report.ts'
import type { AuthSnapshot, User } from '../session/auth-snapshot.ts'

/** Something that was mended or worked around: no call failed because of it. */
export interface AuthWarning {
  readonly code:
    AuthErrorCode | 'scope_narrowed' | 'server_session_remains' | 'callback_uri_missing'
  /**
   * What exactly: the scopes that were not granted, the storage operation that failed. Never a
   * secret.
   */
  readonly reason?: string
}

/** The events of a client, by type. None carries a token, code, verifier, nonce or state. */
export interface AuthEvents<U extends object = User> {
  /** The snapshot changed. */
  readonly session: AuthSnapshot<U>
  /** A new access token is in the cache. `expiresAt` in milliseconds since the epoch. */
  readonly token: { readonly audience?: string; readonly scope: string; readonly expiresAt: number }
  /**
   * A silent renewal ended. `durationMs` in milliseconds. `strategy` is the label of the one that
   * succeeded, or whose turn ended with what another tab had got; absent where that was there
   * before. `attempts` are those that gave up before it.
   */
  readonly renewal: RenewalReport
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

export function createEventEmitter(logger?: AuthLogger): EventEmitter {
  // The map's value type is erased here and restored by the signatures of `on` and `emit`.
  const listeners = new Map<string, Listeners<never>>()
  return {
    on(type, listener) {
      let registered = listeners.get(type)
      if (!registered) listeners.set(type, (registered = createListeners<never>()))
      return registered.add(listener)
    },
    emit(type, event) {
      // One that throws harms nothing; there is nobody to tell.
      if (logger)
        tryOrUndefined(() =>
          type === 'warning'
            ? logger.warn?.(explainWarning(event as AuthWarning), event)
            : logger.debug?.(`sotto: ${type}`, event),
        )
      listeners.get(type)?.notify(event as never)
    },
    clear: () => listeners.clear(),
  }
}

/** In the words of an error: what it was, and where it is written what to do. */
function explainWarning({ code, reason }: AuthWarning): string {
  return new AuthError(code as AuthErrorCode, reason === undefined ? {} : { reason }).message
}
