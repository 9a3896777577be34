import type { RegisteredClient } from './options.ts'

/** Where the tools of single-page apps serve them: Next, Vite (preview and dev), Angular, Vue. */
const ports = [3000, 4173, 4200, 5173, 8080]

/** Its root, as Sotto and as `location.origin` write it. */
function rootsOf(app: string): readonly string[] {
  const { origin } = new URL(app)
  return [`${origin}/`, origin]
}

/** Where the pages of an app begin, with a slash at its end; nothing for one that is a page. */
function basesOf(app: string): readonly string[] {
  const { origin, pathname, search } = new URL(app)
  return pathname.endsWith('/') && search === '' ? [origin + pathname] : []
}

/** The redirect URIs of an app: its address as it is written, its root, and its `callback`. */
function redirectUrisOf(app: string): readonly string[] {
  return [...basesOf(app).map((base) => `${base}callback`), app, ...rootsOf(app)]
}

/** The client that is registered if nobody says which, with the addresses of further apps. */
export function defaultClient(apps: readonly string[] = []): RegisteredClient {
  const all = [...ports.map((port) => `http://localhost:${port}/`), ...apps]
  const postLogoutRedirectUris = all.flatMap((app) => [...basesOf(app), ...rootsOf(app)])
  return {
    clientId: 'app',
    redirectUris: [...new Set(all.flatMap(redirectUrisOf))],
    postLogoutRedirectUris: [...new Set(postLogoutRedirectUris)],
  }
}
