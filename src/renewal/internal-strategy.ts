import type { RedirectContext } from '../authorization/redirect.ts'
import type { AuthErrorCode } from '../errors.ts'
import type { Target } from '../protocol/target.ts'
import type { WholeFetch } from '../protocol/discovery.ts'
import type { KeepRefreshTokens } from '../session/refresh-tokens.ts'
import type { Session } from '../session/session-view.ts'
import type { TokenEntry } from '../session/token-cache.ts'
import type { TransactionStorage } from '../storage/storage.ts'
import type { CookieWatch } from './cookie-watch.ts'
import type { FrameMemory } from './frame-memory.ts'
import type { UserInfoSource } from './user-info-source.ts'
import type {
  RenewalContext,
  RenewalOptions,
  RenewalResult,
  RenewalStrategy,
} from './renewal-strategy.ts'
import type { OpenVault, TokenVault } from './token-vault.ts'

/** What the strategies of this library use besides. */
export interface InternalContext extends RenewalContext, RedirectContext {
  readonly options: RedirectContext['options'] & {
    readonly scope: string
    readonly audience?: string
    readonly resource: readonly string[]
    readonly renewal: readonly InternalStrategy[]
    readonly responseMode: 'query' | 'fragment'
    readonly timeoutMs: number
    readonly userInfo?: UserInfoSource
    readonly vault?: TokenVault
  }
  readonly fetch: WholeFetch
  readonly session: Session
  /** Recent `login_required` answers: another map since each login in another tab. */
  readonly loginRequired: ReadonlyMap<string, unknown>
  /** The key of the session record; the names of locks begin with it. */
  readonly sessionKey: string
  readonly cookies: CookieWatch
  readonly frames: FrameMemory
  /** Tells that something was worked around. */
  readonly warn: (
    code: AuthErrorCode | 'scope_narrowed' | 'callback_uri_missing',
    reason: string,
  ) => void
  readonly openTabStorage: () => TransactionStorage
  /** Whether `start` is at work. */
  readonly isStarting: () => boolean
  /**
   * Where a request by the whole page comes back to; undefined where a login has just failed in
   * this page, which is to be shown.
   */
  readonly placeToReturn: () => string | undefined
  /** Resolves once no client of the page is finishing a callback. */
  readonly whenCallbacksEnd: () => Promise<unknown>
}

/** What one renewal is told, whichever strategy is at work. */
export interface RunOptions extends RenewalOptions {
  /** The generation that the session has to be of until the end. */
  readonly generation: string
  /** `Session.revision`, when the renewal began. */
  readonly revision: object
  /**
   * A token received after this time (`performance.now()`) also satisfies the request; `-Infinity`:
   * any usable token does.
   */
  readonly since: number
  /** Whether no call of the app began it. */
  readonly isInBackground: boolean
}

/** What the strategies of this library are told besides. */
export interface InternalOptions extends RunOptions {
  /** True where every other strategy has failed. */
  readonly isLastResort: boolean
  /** Whether another strategy comes after this one. */
  readonly hasNext: boolean
}

/** Also `entry`: a token that is in the cache and the storage already. */
export type InternalResult = RenewalResult | { readonly entry: TokenEntry }

/** What a strategy of this library may have besides. */
export interface InternalStrategy extends Pick<RenewalStrategy, 'label' | 'onLogin' | 'onLogout'> {
  (context: InternalContext, request: Target, options: InternalOptions): Promise<InternalResult>
  /** What the session needs for refresh tokens. Without a strategy that has it none is kept. */
  readonly keepRefreshTokens?: KeepRefreshTokens
  /** Puts a vault between the session and the network, where the refresh token is then. */
  readonly openVault?: OpenVault
  /** Whether it is to be tried at all. Default: always. */
  readonly isNeeded?: (context: InternalContext) => boolean
  /** Called when the page is left. */
  readonly onPageHide?: (context: InternalContext) => void
  /** Has all strategies revoke a refresh token. Never rejects. */
  readonly revokeAll?: (context: InternalContext, token: string) => Promise<void>
}

/**
 * `notPossible` reason: the last use of the refresh token had no known outcome. The strategy is run
 * again after all others have failed.
 */
export const IN_DOUBT = 'in_doubt'
