import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { serveStatic, type StaticRequest, type StaticResponse } from '../../tools/static-server.ts'
import type { Certificate } from './certificate.ts'

/** A start of the test app's page. */
export interface Boot {
  readonly framed: boolean
  readonly path: string
}

/** A web server of one origin, as a test sees it. */
export interface AppServer {
  readonly origin: string
  /** Every start of the page since the server was created, in frames too. */
  readonly boots: readonly Boot[]
  /** What no page caught: exceptions and rejections. */
  readonly uncaught: readonly string[]
  /** The paths and queries that were asked for, with what for (`Sec-Fetch-Dest`). */
  readonly requests: readonly {
    readonly method: string
    readonly path: string
    readonly destination: string
  }[]
  /** Changes what a path answers: headers are added; a body or a status replaces the page. */
  readonly respondWith: (path: string, response: StaticResponse) => void
  /** Sends a path on to a tidier one, as many hosts do: 308, with the query. */
  readonly tidy: (path: string, to: string) => void
  readonly close: () => Promise<void>
}

export interface AppServerOptions {
  readonly host: string
  readonly tls?: Certificate
  /** What every path answers that {@link AppServer.respondWith} did not set. */
  readonly page?: string
}

const javaScript = { 'content-type': 'text/javascript; charset=utf-8' }
const root = fileURLToPath(new URL('app', import.meta.url))

/** Serves the test app, or `page` in its place. */
export async function serveApp({ host, tls, page }: AppServerOptions): Promise<AppServer> {
  const boots: Boot[] = []
  const uncaught: string[] = []
  const requests: { method: string; path: string; destination: string }[] = []
  const responses = new Map<string, StaticResponse>()
  const tidied = new Map<string, string>()
  responses.set('/sotto.js', { headers: javaScript, body: await bundleLibrary() })
  responses.set('/sotto-vault.js', { headers: javaScript, body: await buildVaultScript() })

  function respond({ url, method, headers }: StaticRequest): StaticResponse {
    if (url.pathname === '/__boot') {
      const path = url.searchParams.get('path') ?? ''
      boots.push({ framed: url.searchParams.get('framed') === 'true', path })
      return { status: 204 }
    }
    if (url.pathname === '/__error') {
      uncaught.push(url.searchParams.get('text') ?? '')
      return { status: 204 }
    }
    const destination = headers['sec-fetch-dest']
    requests.push({
      method,
      path: url.pathname + url.search,
      destination: typeof destination === 'string' ? destination : '',
    })
    const tidier = tidied.get(url.pathname)
    if (tidier !== undefined)
      return { status: 308, headers: { location: tidier + url.search }, body: '' }
    const html = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: page }
    return responses.get(url.pathname) ?? (page === undefined ? {} : { ...html, body: page })
  }

  const { port, close } = await serveStatic({ root, respond, ...(tls && { tls }) })
  return {
    origin: `${tls ? 'https' : 'http'}://${host}:${port}`,
    boots,
    uncaught,
    requests,
    respondWith: (path, response) => responses.set(path, response),
    tidy: (path, to) => tidied.set(path, to),
    close,
  }
}

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string }
let bundled: Promise<string> | undefined

/**
 * The library as an app's bundler would deliver it; its sixty modules one by one would make every
 * page load a second longer.
 */
function bundleLibrary(): Promise<string> {
  bundled ??= build({
    stdin: {
      contents: ['sotto', 'sotto/dpop', 'sotto/worker']
        .map((name) => fileURLToPath(import.meta.resolve(name)))
        .map((path) => `export * from ${JSON.stringify(path)}`)
        .join('\n'),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    // A source map would be loaded by each page, and cost a tenth of the time of all tests.
    minify: true,
    // Where the sources are meant, as in the runner of WebKit, the build has not written it in.
    define: { SOTTO_VERSION: JSON.stringify(version) },
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
  return bundled
}

/** The script of the worker, as an app copies it; built here where the sources are meant. */
async function buildVaultScript(): Promise<string> {
  if (!import.meta.resolve('sotto').endsWith('.ts'))
    return readFileSync(fileURLToPath(import.meta.resolve('sotto/worker/script')), 'utf8')
  const entryPoints = [fileURLToPath(new URL('../../src/worker/vault-worker.ts', import.meta.url))]
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: 'iife' })
  return outputFiles[0]?.text ?? ''
}
