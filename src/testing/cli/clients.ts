import { defaultClient } from '../server/default-client.ts'
import type { RegisteredClient } from '../server/options.ts'
import { split, url } from './values.ts'

interface ClientFlags {
  /** `<id>=<redirect URI>` */
  readonly client?: readonly string[] | undefined
  readonly app?: readonly string[] | undefined
  readonly 'post-logout'?: readonly string[] | undefined
}

interface Addresses {
  redirectUris: readonly string[]
  postLogoutRedirectUris: readonly string[]
}

/** The clients of the command line: the default one where `--app` is there, or nothing. */
export function readClients(flags: ClientFlags): readonly RegisteredClient[] {
  const afterLogout = (flags['post-logout'] ?? []).map((uri) => url('post-logout', uri))
  const apps = flags.app?.map((app) => url('app', app))
  const clients = new Map<string, Addresses>()
  const add = (
    id: string,
    { redirectUris, postLogoutRedirectUris = [] }: Omit<RegisteredClient, 'clientId'>,
  ) => {
    const known = clients.get(id) ?? { redirectUris: [], postLogoutRedirectUris: afterLogout }
    clients.set(id, {
      redirectUris: [...new Set([...known.redirectUris, ...redirectUris])],
      postLogoutRedirectUris: [
        ...new Set([...known.postLogoutRedirectUris, ...postLogoutRedirectUris]),
      ],
    })
  }
  if (apps || !flags.client) add('app', defaultClient(apps))
  for (const value of flags.client ?? []) {
    const [id, uri] = split('client', value, '<id>=<redirect URI>')
    add(id, { redirectUris: [url('client', uri)] })
  }
  return [...clients].map(([clientId, addresses]) => ({ clientId, ...addresses }))
}
