import { fileURLToPath } from 'node:url'
import { serveStatic, type StaticResponse } from '../../tools/static-server.ts'
import { APPS } from './apps/bench-app.ts'
import { bundle } from './bundle.ts'

export interface AppServer {
  readonly origin: string
  /** The content security policy of its pages, from now on. */
  policy: string | undefined
  /** Bundles the apps for a server, whose issuer is part of the code. */
  readonly bundleApps: (issuer: string) => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Serves the apps, each below a path of its own. Scripts may be kept by the browser, as those
 * of any app with hashes in the names of its files.
 */
export async function serveApps(): Promise<AppServer> {
  const scripts = new Map<string, string>()
  const respond = ({ url: { pathname } }: { readonly url: URL }): StaticResponse => {
    const script = scripts.get(pathname)
    if (script !== undefined)
      return {
        headers: {
          'content-type': 'text/javascript; charset=utf-8',
          'cache-control': 'max-age=3600',
        },
        body: script,
      }
    const [, app = '', page] = pathname.split('/')
    const { policy } = server
    return {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        ...(policy !== undefined && { 'content-security-policy': policy }),
      },
      body: page === 'silent.html' ? createSilentPage(app) : createPage(`/${app}/app.js`),
    }
  }
  const { port, close } = await serveStatic({
    root: fileURLToPath(new URL('.', import.meta.url)),
    respond,
  })
  const server: AppServer = {
    origin: `http://localhost:${port}`,
    policy: undefined,
    bundleApps: async (issuer) => {
      for (const app of APPS) {
        const code = app === 'sotto-metadata' ? 'sotto' : app
        scripts.set(`/${app}/app.js`, await bundle(`bench/peers/apps/${code}.ts`, issuer))
      }
      const silent = await bundle('bench/peers/apps/oidc-client-ts-silent.ts')
      scripts.set('/oidc-client-ts/silent.js', silent)
    },
    close,
  }
  return server
}

function createPage(script: string): string {
  return `<!doctype html>
<title>Bench</title>
<link rel="icon" href="data:,">
<button>Log in</button>
<script type="module" src="${script}"></script>`
}

/** The others read the address of the frame, and need nothing in it. */
function createSilentPage(app: string): string {
  return app === 'oidc-client-ts'
    ? '<!doctype html><script type="module" src="/oidc-client-ts/silent.js"></script>'
    : '<!doctype html>'
}
