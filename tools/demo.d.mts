import type { AuthorizationServerControl } from 'sotto/testing'

export interface Demo {
  readonly origin: string
  readonly issuer: string
  readonly control: AuthorizationServerControl
  readonly close: () => Promise<void>
}

export function serveDemo(options?: { readonly port?: number }): Promise<Demo>
