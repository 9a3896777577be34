import type { RegisteredClient } from './options.ts'

/** Where the tools of single-page apps serve them: Next, Vite (preview and dev), Angular, Vue. */
const ports = [3000, 4173, 4200, 5173, 8080]

/** Its root, as Sotto and as `location.origin` write it. */
function rootsOf(app: string): readonly string[] {
  const { origin } = new URL(app)
  return [`${origin}/`, origin]
}

/**
 * The redirect URIs of an app: its address as it is written, its root, and `/callback` without a
 * path.
 */
function redirectUrisOf(app: string): readonly string[] {
  const { origin, pathname, search } = new URL(app)
  const isOrigin = pathname === '/' && search === ''
  return [...(isOrigin ? [`${origin}/callback`] : []), app, ...rootsOf(app)]
}

/** The client that is registered if nobody says which, with the addresses of further apps. */
export function defaultClient(apps: readonly string[] = []): RegisteredClient {
  const all = [...ports.map((port) => `http://localhost:${port}/`), ...apps]
  const postLogoutRedirectUris = all.flatMap(rootsOf)
  return {
    clientId: 'app',
    redirectUris: [...new Set(all.flatMap(redirectUrisOf))],
    postLogoutRedirectUris: [...new Set(postLogoutRedirectUris)],
  }
}
