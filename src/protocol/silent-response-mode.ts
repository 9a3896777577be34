import type { ServerMetadata } from './discovery.ts'

/**
 * Servers that list other modes and not `web_message` mostly do not know it, and answer such a
 * request with a page that says nothing. All of them can redirect; `fragment` keeps the code out of
 * server logs. One without a list is asked for a message, because in that mode a redirect is
 * understood as well.
 */
export function chooseResponseMode({
  response_modes_supported: listed,
}: Pick<ServerMetadata, 'response_modes_supported'>): string {
  // A list, if it is as it should be.
  const modes = [listed ?? 'web_message'].flat()
  return ['web_message', 'fragment'].find((mode) => modes.includes(mode)) ?? 'query'
}
