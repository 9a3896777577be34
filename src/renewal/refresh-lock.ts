import type { ClientContext } from '../client/context.ts'

const owners: WeakMap<ClientContext, string> = /* @__PURE__ */ new WeakMap()

/** The lock of a client's refresh token: only one request with it at a time, in all tabs that share the storage. */
export function refreshLockOf(context: ClientContext): string {
  const { storage, sessionKey } = context
  if (storage.shared) return `${sessionKey} refresh`
  // Where the storage is this page's own, so is the refresh token.
  const owner = owners.get(context) ?? crypto.randomUUID()
  owners.set(context, owner)
  return `${sessionKey} refresh ${owner}`
}
