import { recordIn, type RefreshClient } from './refresh-client.ts'

/** What the revocation endpoint was sent. */
export const revoked = ({ server }: Pick<RefreshClient, 'server'>) =>
  server.control.requests({ endpoint: 'revocation' }).map(({ parameters }) => parameters)

/** The refresh token that the storage of a page has. */
export const refreshTokenOf = ({ storage }: RefreshClient) => recordIn(storage)?.refreshToken?.token

/** Whether the server takes a refresh token, sent by somebody else. */
export async function isAccepted(
  { server }: RefreshClient,
  token: string | undefined,
): Promise<boolean> {
  const body = { grant_type: 'refresh_token', client_id: 'app', refresh_token: token ?? '' }
  const url = `${server.issuer}/token`
  return (await server.fetch(url, { method: 'POST', body: new URLSearchParams(body) })).ok
}
