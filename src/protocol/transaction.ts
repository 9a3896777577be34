import { POPUP_MARK } from './popup-state.ts'
import { ownFields } from './without-prototype.ts'
import type { Target } from './target.ts'
import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from 'oauth4webapi'

/** One authorization request, from its making to its response. Immutable, and used once. */
export interface Transaction extends Target {
  /**
   * `fallback` is a login that Sotto began because a silent request met `login_required`;
   * `silent_redirect` a silent request by the whole page. Those of frames and popups are kept in
   * memory.
   */
  readonly kind: 'login' | 'fallback' | 'popup' | 'silent' | 'silent_redirect'
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly redirectUri: string
  readonly issuer: string
  readonly clientId: string
  readonly responseMode: string
  readonly maxAge?: number
  readonly acrValues?: string
  /** The thumbprint of the key that its code is tied to (RFC 9449, section 10). */
  readonly dpopJkt?: string | undefined
  readonly appState?: unknown
  readonly returnTo?: string
  /** What every silent request of the session that begins repeats. */
  readonly sessionParams?: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export type TransactionInput = Omit<Transaction, 'state' | 'nonce' | 'codeVerifier'>

/**
 * Makes the secrets of one authorization request: 256 random bits each for `state`, `nonce` and
 * code verifier.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7636#section-4.1 RFC 7636, section 4.1}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#NonceNotes OpenID Connect Core, section 15.5.2}
 */
export function createTransaction(input: TransactionInput): Transaction {
  return ownFields({
    ...input,
    state: `${stateTag(input)}.${input.kind === 'popup' ? POPUP_MARK : ''}${generateRandomState()}`,
    nonce: generateRandomNonce(),
    codeVerifier: generateRandomCodeVerifier(),
  }) as unknown as Transaction
}

/**
 * Marks a `state` as made for this issuer and client, so that a callback is known to be ours, or
 * not, without waiting for anything. It is no secret and proves nothing: the random part does.
 * (FNV-1a, 32 bits.)
 */
export function stateTag({ issuer, clientId }: Pick<Transaction, 'issuer' | 'clientId'>): string {
  let hash = 0x811c9dc5
  for (const character of `${issuer} ${clientId}`)
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  return (hash >>> 0).toString(36)
}
