import type { TokenSet } from '../protocol/token-set.ts'
import type { Transaction } from '../protocol/transaction.ts'

/** A response that this page has begun to process: whoever comes with the same one shares the outcome. */
export interface Callback {
  readonly state: string
  /** Tells this login from others, to those who hear of it; no secret. */
  readonly loginId: string
  /** The address of the page since the response was taken out of it. */
  readonly pageUrl: string
  readonly completion: Promise<Completion>
  /** When it ended, by `performance.now()`. */
  settledAt?: number
  /** Nobody has logged in: a silent request that the whole page made. */
  isSilent: boolean
}

export interface Completion {
  readonly tokens: TokenSet
  readonly transaction: Transaction
  generation: string
  /** A client has taken the tokens: the refresh token among them is for one only. */
  isTaken: boolean
}

/**
 * The last response of each issuer and client, by both whole strings, for some seconds after it was processed. For the whole page, not for one client: frameworks mount twice while they
 * develop, and each mount may make a client of its own.
 */
export const callbacks: Map<string, Callback> = new Map()
