import { hasCode, type AuthError } from '../errors.ts'

/** Keeps a page from storming a server that cannot be reached, or that asks to be left alone. */
export interface Pause {
  /**
   * @param isForced whether only what the server asked for counts
   * @throws AuthError the failure that began the pause
   */
  assertOver(isForced: boolean): void
  /** A renewal failed. */
  failed(error: AuthError): void
  /** A renewal brought a token, or an answer. */
  succeeded(): void
  /**
   * Something has changed: the network, the page, the user. What the server asked for still holds.
   */
  end(): void
}

const STEP_MS = 1000
const MAX_MS = 30_000
const MAX_SERVER_MS = 60_000

/**
 * The first failure in a row makes no pause; from the second on it is 1 s, 2 s … 30 s. A server's
 * `Retry-After` holds for a minute at most.
 */
export function createPause(): Pause {
  let failures = 0
  let failure: AuthError | undefined
  let until = 0
  let serverUntil = 0

  return {
    assertOver(isForced) {
      const now = performance.now()
      if (failure && (now < serverUntil || (!isForced && now < until))) throw failure
    },
    failed(error) {
      const now = performance.now()
      if (!mayPass(error)) return
      failure = error
      failures++
      until = failures < 2 ? now : now + Math.min(STEP_MS * 2 ** (failures - 2), MAX_MS)
      const { code, retryAfterSeconds } = error
      // No server was there to ask for it: a refresh token in doubt waits, and a frame may go on.
      if (retryAfterSeconds && code !== 'network_error')
        serverUntil = now + Math.min(retryAfterSeconds * 1000, MAX_SERVER_MS)
    },
    succeeded() {
      failures = 0
      failure = undefined
      until = serverUntil = 0
    },
    end() {
      failures = 0
      until = 0
    },
  }
}

/** The network or the server, not the session; metadata that could not be fetched is the same. */
function mayPass(error: AuthError): boolean {
  return hasCode(error, 'network_error', 'timeout', 'server_error', 'discovery_failed')
}
