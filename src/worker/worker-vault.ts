import { AuthError } from '../errors.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { InternalContext, InternalStrategy } from '../renewal/internal-strategy.ts'
import { refreshToken } from '../renewal/refresh-token.ts'
import type { RenewalStrategy } from '../renewal/renewal-strategy.ts'
import type { OpenVault } from '../renewal/token-vault.ts'
import { createStoredSession } from '../session/stored-session.ts'
import type { OpenableStorage } from '../session/openable-storage.ts'
import type { KeyValueStorage } from '../storage/storage.ts'
import type { VaultScript } from './vault-script.ts'
import { createVaultConnection } from './vault-connection.ts'
import { createVaultFetch } from './vault-fetch.ts'
import { createKeepKey } from './vault-key-holder.ts'
import { createVaultStorage } from './vault-storage.ts'

/**
 * Renews with a refresh token that the page never has: a worker sends the code of each login and
 * keeps the refresh token of its answer in its memory. It sends it only to where it was issued, and
 * hands it out to nobody. Where the browser has a SharedWorker, all tabs share the session by it,
 * without any storage; else it is that of this tab. What `refreshToken()` does, it does as well.
 *
 * A worker that does not load, hangs or dies blocks nothing: the next strategy is tried, a login
 * goes on without a refresh token, and a `warning` tells (`storage_unavailable`, reason `worker`).
 * With another `tokenStorage` than `memoryStorage()` the client is refused (`config_invalid`).
 *
 * @param script the address of its script, `sotto/worker/script`, on this page's origin; a
 *   `TrustedScriptURL` of it; or a function that makes the worker
 * @throws AuthError `config_invalid` for an address that holds the script itself (`blob:`, `data:`)
 * @example
 * ```ts
 * import { workerVault } from 'sotto/worker'
 *
 * createAuthClient({
 *   issuer,
 *   clientId,
 *   redirectUri,
 *   scope: 'openid profile email offline_access',
 *   renewal: [
 *     workerVault(new URL('sotto/worker/script', import.meta.url)),
 *     silentIframe(),
 *   ],
 * })
 * ```
 */
export function workerVault(script: VaultScript): RenewalStrategy {
  if (!script || /^\s*(blob|data|javascript):/i.test(String(script))) throw configInvalid('worker')
  const refreshing = refreshToken() as InternalStrategy
  const { keepRefreshTokens, revokeAll } = refreshing

  const run: InternalStrategy = async (context, request, options) => {
    const { session } = context
    const isReady = await context.options.vault?.isReady()
    if (isReady) {
      // One that was only late has what this page has dropped meanwhile.
      if (!session.refreshToken) await session.reload()
      return refreshing(context, request, options)
    }
    const { refreshToken: held } = session
    if (held && isReady === undefined)
      throw new AuthError('storage_unavailable', { reason: 'worker', retryable: true })
    // Its handle is of no use without it, and must not keep a session that is over.
    if (held) await session.refreshTokens?.settle({ sent: held.token, next: undefined })
    return { notPossible: 'worker' }
  }

  const openVault: OpenVault = (options, signal, getContext) => {
    if (options.tokenStorage.kind !== 'memory')
      throw configInvalid(
        'tokenStorage',
        ' The vault keeps the session in the memory of its worker.',
      )
    const connection = createVaultConnection(script, signal, () =>
      getContext().warn('storage_unavailable', 'worker'),
    )
    const { isReady, ask } = connection
    const { timeoutMs } = options
    return ownFields<typeof options>({
      ...options,
      fetch: createVaultFetch(
        options.fetch,
        connection,
        () => getContext().server.inHand?.metadata,
        timeoutMs,
      ),
      vault: {
        isReady,
        keepKey: createKeepKey(connection),
        async end(handle: string) {
          if (!(await ask({ verb: 'end', handle, timeoutMs }))) throw new AuthError('network_error')
        },
      },
      tokenStorage: inMemoryOf(createVaultStorage(connection)),
    })
  }

  const parts: Partial<InternalStrategy> = {
    label: 'worker_vault',
    keepRefreshTokens: keepRefreshTokens!,
    revokeAll: revokeAll!,
    openVault,
    onLogout: (given, handle) => (given as InternalContext).options.vault?.end(handle),
  }
  return Object.assign(run, parts) as RenewalStrategy
}

/** The session as a record, of which nothing is in a storage of the page. */
function inMemoryOf(storage: KeyValueStorage): OpenableStorage {
  return {
    kind: 'memory',
    open: (memory, options) =>
      createStoredSession(storage, memory, {
        ...options,
        warn(code, reason) {
          // That the worker is not there was said already.
          if (code === 'storage_corrupt') options.warn(code, reason)
        },
      }),
  }
}
