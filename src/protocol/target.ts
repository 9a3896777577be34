/** What is asked of the server: the part of a request that decides which tokens come back. */
export interface Target {
  /** Canonical scope. */
  readonly scope: string
  readonly audience?: string | undefined
  /** Resource indicators (RFC 8707), sorted. */
  readonly resource: readonly string[]
  /** Extra parameters of this call. */
  readonly authorizationParams: Readonly<Record<string, string>>
}

/** Parameters of the app's own, by name. */
export type ExtraParameters = Readonly<Record<string, string | number | boolean>>

/** What a call may ask for, where the client's options do not do. */
export interface TargetOptions {
  /**
   * Space-separated; replaces the client's scope, and `openid` is added. Default: the client's
   * option.
   */
  readonly scope?: string | undefined
  /** The `audience` parameter that some servers know. Default: the client's option. */
  readonly audience?: string | undefined
  /** Resource indicators (RFC 8707). Default: the client's option. */
  readonly resource?: string | readonly string[] | undefined
  /**
   * Extra parameters of this request, beside the client's; tokens for other ones are not mixed up
   * with them. Default: none.
   */
  readonly authorizationParams?: ExtraParameters | undefined
}
