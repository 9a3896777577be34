import type { ServerMetadata } from './discovery.ts'
import type { ServerClock } from './server-clock.ts'
import type { TokenBinding } from './token-binding.ts'

/** What of a client's options decides about the key. */
interface BoundOptions {
  readonly issuer: string
  readonly clientId: string
  readonly fetch?: typeof fetch
  /** Where the key is kept, if not by the page. */
  readonly vault?: { readonly keepKey: KeepKey }
}

/** A key pair for ES256, as far as a page may know it. */
export interface ProofKey {
  /** The public key, with the members that its thumbprint is made of, in their order. */
  readonly jwk: {
    readonly crv: 'P-256'
    readonly kty: 'EC'
    readonly x: string
    readonly y: string
  }
  /** Its thumbprint. */
  readonly jkt: string
}

/** The key that the tabs of one issuer and client share. */
export interface KeyHolder<Key extends ProofKey = ProofKey> {
  /** As far as it is known without waiting. */
  readonly current: Key | undefined
  /** Whether it outlives the page. */
  readonly isKept: boolean
  /** The one that is stored now, or a new one. */
  load(): Promise<Key>
  /**
   * Makes a proof.
   *
   * @throws AuthError `dpop_failed` where it is not there any more
   */
  prove(key: Key, claims: object): Promise<string>
  /**
   * Deletes it, unless another tab has a newer one. Never rejects.
   *
   * @param isOwn whether this page has logged out: then it is deleted also where it was not looked
   *   at here
   */
  forget(isOwn?: boolean): Promise<void>
}

/**
 * Keeps a key elsewhere than in the page.
 *
 * @param name of the key
 * @param onChange called where another key is in the place of the one that was in use
 * @param createOther keeps a key in the page, for when there is no other place
 */
export type KeepKey = (
  name: string,
  onChange: () => void,
  createOther: () => KeyHolder,
) => KeyHolder

/** The same as `TokenBinding`, as this library uses it. */
export interface OpenableBinding extends TokenBinding {
  /**
   * @param options of the client
   * @param onChange called where another key is in use: whatever this page has is bound to the one
   *   before
   * @returns the options, with a `fetch` that sends a proof with a grant and with an access token
   */
  readonly open: <Options extends BoundOptions>(
    options: Options,
    clock: ServerClock,
    onChange: () => void,
  ) => Omit<Options, 'dpop'> & { readonly dpop: ProofOfPossession }
}

/**
 * Binds tokens to a key that never leaves the browser, and proves its possession.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449 RFC 9449}
 */
export interface ProofOfPossession {
  /** The thumbprint of the key in use; undefined before one was needed. */
  jkt(): string | undefined
  /**
   * What ties an authorization code to the key: its thumbprint, unless the key would not outlive
   * the page that is left.
   *
   * @throws AuthError `discovery_invalid` where the server takes no such signature
   */
  tie(server: ServerMetadata, kind: string): Promise<string | undefined>
  /**
   * Has the key at hand that every tab uses now.
   *
   * @param tiedTo what a code is tied to
   * @throws AuthError `dpop_failed` where a code is tied to another key
   */
  ready(tiedTo?: string): Promise<void>
  /**
   * The type of a token that is bound.
   *
   * @throws AuthError `dpop_downgrade` where it is not
   */
  checkType(tokenType: string): string
  /**
   * Sends a request with a proof; once more where the server asks for another nonce.
   *
   * @param attempt is given the headers to set
   */
  send(
    attempt: (headers: ProofHeaders) => Promise<Response>,
    request: ProvenRequest,
  ): Promise<Response>
  /** Forgets the key: the next session has another one. Never rejects. */
  forget(isOwn?: boolean): Promise<void>
}

export type ProofHeaders = readonly (readonly [name: string, value: string])[]

export interface ProvenRequest {
  readonly method: string
  readonly url: string
  /** Whether it can be sent once more. */
  readonly isRepeatable: boolean
  /** The access token; none with a grant. */
  readonly accessToken?: string | undefined
}
