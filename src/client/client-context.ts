import type { ClientContext } from './context.ts'
import { configInvalid } from '../protocol/request-parameters.ts'

const contexts: WeakMap<object, ClientContext> = /* @__PURE__ */ new WeakMap()

/** Lets functions that take a client find what belongs to it, without making it part of the client's own shape. */
export function rememberContext<Client extends object>(
  client: Client,
  context: ClientContext,
): Client {
  contexts.set(client, context)
  return client
}

/**
 * What belongs to a client.
 *
 * @throws AuthError `config_invalid` for anything that `createAuthClient` of this very copy of the library did not make
 */
export function contextOf(client: object): ClientContext {
  const context = contexts.get(client)
  if (!context) throw configInvalid('auth')
  return context
}
