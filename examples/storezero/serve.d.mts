import type { AuthorizationServerControl } from 'sotto/testing'

export interface Storezero {
  readonly origin: string
  /** The same shop on another site than the server's: it is as if third-party cookies were blocked. */
  readonly otherSite: string
  readonly issuer: string
  /** The origin of the orders API, and the audience of its tokens. */
  readonly api: string
  /** The issuer of the identity provider. */
  readonly provider: string
  readonly control: AuthorizationServerControl
  readonly providerControl: AuthorizationServerControl
  readonly close: () => Promise<void>
}

export function serveStorezero(options?: { readonly port?: number }): Promise<Storezero>
