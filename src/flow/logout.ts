import type { ClientContext } from '../context.ts'
import { createMark, forgetSession } from './end-session.ts'

export interface LogoutOptions {
  /** Signs out here and in all tabs, and leaves the server's session alone. */
  readonly localOnly?: boolean
  readonly signal?: AbortSignal
}

/** Signs out. See `AuthClient.logout`. */
export async function logout(
  context: ClientContext,
  { signal }: LogoutOptions = {},
): Promise<void> {
  signal?.throwIfAborted()
  const mark = createMark(true)
  // First of all: whatever is under way, here or in another tab, finds it when it wants to store something.
  context.marker.write(mark)
  forgetSession(context, mark)
  context.broadcast.send(mark)
  await context.storage.delete(context.sessionKey)
}
