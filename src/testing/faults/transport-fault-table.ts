/** The endpoints that can be made to fail. */
export type FaultEndpoint =
  'discovery' | 'jwks' | 'authorize' | 'par' | 'token' | 'userinfo' | 'revocation' | 'endSession'

/** Where a fault can be put, and what it is told. */
export interface On<Endpoint extends FaultEndpoint, Parameters = object> {
  readonly endpoint: Endpoint
  readonly parameters: Parameters
}

/** A fault that answers in place of the endpoint. */
export interface Replacement {
  /**
   * Lets the endpoint do its work first (use up the code, rotate the token): only the answer is
   * lost.
   */
  readonly afterProcessing?: boolean
}

interface StatusParameters {
  readonly status: number
  readonly body?: string
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What can happen at any endpoint. */
export interface TransportFaultTable {
  /** Waits before the request is looked at. */
  readonly delay: On<FaultEndpoint, { readonly ms: number }>
  /** Does the work at once, and answers after `ms`. */
  readonly lateAnswer: On<FaultEndpoint, { readonly ms: number }>
  /** Never answers. */
  readonly hang: On<FaultEndpoint, Replacement>
  /**
   * Closes the connection without an answer; `server.fetch` rejects with a TypeError. Where the
   * connection had served a request before, a browser sends this one again by itself, a POST too:
   * use `times: 2`, or for an answer that is lost `truncated`.
   */
  readonly drop: On<FaultEndpoint, Replacement>
  /** Does the work, and breaks off in the middle of the body. */
  readonly truncated: On<FaultEndpoint>
  /** Sends the body bit by bit over `ms`. */
  readonly slowBody: On<FaultEndpoint, { readonly ms: number }>
  /** Pads the right answer with white space to this many bytes (still valid JSON). */
  readonly huge: On<FaultEndpoint, { readonly bytes: number }>
  /** Answers with this status. */
  readonly status: On<FaultEndpoint, StatusParameters & Replacement>
  /** Answers 503, or the `status` that is told, for instance 429, with `Retry-After`. */
  readonly retryLater: On<
    FaultEndpoint,
    { readonly retryAfterSeconds: number; readonly status?: number } & Replacement
  >
  /**
   * Answers in place of the server, as a gateway does that cannot reach it: with a web page, with
   * 502 or the `status` that is told, for instance 504, and without CORS headers.
   */
  readonly gatewayError: On<FaultEndpoint, { readonly status?: number } & Replacement>
  /** Answers 200 with a web page, as captive portals and misrouted proxies do. */
  readonly html: On<FaultEndpoint, Replacement>
  /** Answers 200 with nothing. */
  readonly empty: On<FaultEndpoint, Replacement>
  /** Answers 204. */
  readonly noContent: On<FaultEndpoint, Replacement>
  /** Answers with a redirect, 302 unless told. */
  readonly redirect: On<
    FaultEndpoint,
    { readonly location: string; readonly status?: number } & Replacement
  >
  /** Changes response headers: COOP, COEP, CORP, content-type … */
  readonly headers: On<
    FaultEndpoint,
    { readonly set?: Readonly<Record<string, string>>; readonly remove?: readonly string[] }
  >
  /** Leaves the CORS headers out (a preflight is still answered). */
  readonly noCors: On<FaultEndpoint>
  /** Sends the answer as an attachment. */
  readonly download: On<FaultEndpoint>
}
