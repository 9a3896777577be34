// The part that the tests use of a package that has no types of its own.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Grant {
    readonly addOIDCScope: (scope: string) => void
    readonly save: () => Promise<string>
  }

  export interface Interaction {
    readonly params: Readonly<Record<'client_id' | 'login_hint' | 'scope', string | undefined>>
  }

  interface RefreshToken {
    consume: (this: RefreshToken) => Promise<void>
  }

  export interface Provider {
    readonly RefreshToken: { readonly prototype: RefreshToken }
    readonly Grant: new (about: { readonly accountId: string; readonly clientId: string }) => Grant
    readonly callback: () => (request: IncomingMessage, response: ServerResponse) => void
    readonly interactionDetails: (
      request: IncomingMessage,
      response: ServerResponse,
    ) => Promise<Interaction>
    readonly interactionFinished: (
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
    ) => Promise<void>
  }

  const RealProvider: new (issuer: string, configuration: object) => Provider
  export { RealProvider as default }
  export const errors: { readonly InvalidTarget: new () => Error }
}
