/** The version of these messages: a page does not talk to a script of another one. */
export const PROTOCOL = 1

/**
 * What a refresh token is called outside of the worker. Whoever has the name can have the token
 * used, at the place that it belongs to, and cannot learn it.
 */
export const HANDLE = 'sotto-vault.'

/** A form that the worker posts. */
export interface SendRequest {
  readonly verb: 'send'
  readonly url: string
  readonly form: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly keepalive: boolean
  readonly timeoutMs: number
  /** Where a refresh token that the answer brings can be revoked. */
  readonly revocationEndpoint: string | undefined
}

/** The end of a refresh token: it is revoked where the worker knows where, and is gone in any case. */
export interface EndRequest {
  readonly verb: 'end'
  readonly handle: string
  readonly timeoutMs: number
}

/** What is done with the key that tokens are bound to; `jkt` is its thumbprint, empty for any. */
export type KeyRequest =
  | { readonly verb: 'key'; readonly key: string }
  | { readonly verb: 'prove'; readonly key: string; readonly jkt: string; readonly claims: object }
  | { readonly verb: 'forget'; readonly key: string; readonly jkt: string }

/** What a page asks of the worker. No answer to any of it has a refresh token or a private key in it. */
export type VaultRequest =
  | { readonly verb: 'hello' }
  | SendRequest
  | EndRequest
  | KeyRequest
  | { readonly verb: 'read'; readonly key: string }
  | {
      readonly verb: 'write'
      readonly key: string
      /** Undefined deletes it. */
      readonly value: unknown
      /** The one that was read: where another page was first, nothing is written. */
      readonly revision: number
    }

/** An answer of a server: none where it did not answer, or is not to be asked this. */
export interface SentAnswer {
  /** 0 for a redirect, which is not followed. */
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string
}

/** A value of the pages', which is the same for all of them. */
export interface StoredValue {
  readonly value: unknown
  /** 0 where there is none. */
  readonly revision: number
}
