import type { AuthEvents } from 'sotto'
import type { SeenRequest } from 'sotto/testing'
import type { Pair } from './serve.ts'

declare global {
  /** The `renewal` events of the client in the page. */
  var renewals: AuthEvents['renewal'][]
}

/** How a renewal ends where the refresh token works. */
export const BY_REFRESH = { strategy: 'refresh_token', attempts: [] }

/** The refresh grants that the server has seen. */
export function refreshesOf({ control }: Pair): readonly SeenRequest[] {
  return control
    .requests({ endpoint: 'token' })
    .filter(({ parameters }) => parameters['grant_type'] === 'refresh_token')
}
