import type { KeepKey } from '../protocol/proof-of-possession.ts'
import type { ServerSource } from '../protocol/server-source.ts'
import type { OpenableStorage } from '../session/openable-storage.ts'

/** Where refresh tokens are, so that the page has none: what goes by that name in it is a handle. */
export interface TokenVault {
  /**
   * Whether it answers; undefined where it may be late only, and what it keeps is not lost. Never
   * rejects, and is bounded.
   */
  isReady(): Promise<boolean | undefined>
  /**
   * Ends what a handle stands for, here and at the server.
   *
   * @throws where the server may have it as good still
   */
  end(handle: string): Promise<void>
  /** Keeps the key that tokens are bound to. */
  readonly keepKey: KeepKey
}

/** What of a client's options has to do with a vault. */
export interface VaultedOptions {
  readonly fetch?: typeof fetch
  readonly timeoutMs: number
  readonly tokenStorage: OpenableStorage
  readonly vault?: TokenVault
}

/**
 * @param signal aborted when the session's life in this page ends
 * @param getContext gives the client's own, once it is there
 * @returns the options, with a `fetch` that has the vault send what is about refresh tokens, and
 *   with its storage
 * @throws AuthError `config_invalid` where the session is to be kept elsewhere
 */
export type OpenVault = <Options extends VaultedOptions>(
  options: Options,
  signal: AbortSignal,
  getContext: () => {
    readonly warn: (code: 'storage_unavailable', reason: string) => void
    readonly server: ServerSource
  },
) => Options
