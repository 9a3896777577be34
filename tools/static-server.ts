// Serves a single-page app and the built library without a bundler: `npm start` and the end-to-end
// tests both use it. By sirv, but for what a test wants to answer itself, for TLS, and for
// `localhost`, which is two addresses.
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import sirv from 'sirv'
import { root as project } from './run.ts'

export interface StaticRequest {
  readonly url: URL
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

export interface StaticResponse {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface StaticServerOptions {
  /** The folder of the app. */
  readonly root: string
  readonly port?: number
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Is asked first: it may add headers, or answer in full by giving a body or a status. */
  readonly respond?: (request: StaticRequest) => StaticResponse
}

export interface StaticServer {
  readonly port: number
  readonly close: () => Promise<void>
}

// What pages may load besides their own files: the library, and the two packages that it imports by
// name.
const SHARED = /^\/(dist|node_modules\/(oauth4webapi|idb-keyval))\//
const sendShared = sirv(project, { dev: true })

/**
 * Serves the files of a folder; a path without an extension is a route of the app and answers with
 * its index.html.
 */
export async function serveStatic(options: StaticServerOptions): Promise<StaticServer> {
  const { root, port: wanted = 0, tls, respond } = options
  const sendOwn = sirv(root, { dev: true, single: true })
  const create = (): Server =>
    (tls ? createHttpsServer(tls) : createHttpServer()).on('request', (request, response) => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
      const { method = '', headers } = request
      const answer: StaticResponse = respond?.({ url, method, headers }) ?? {}
      const sent = { 'cache-control': 'no-cache', ...answer.headers }
      response.setHeaders(new Map(Object.entries(sent)))
      if (answer.status !== undefined || answer.body !== undefined) {
        response.writeHead(answer.status ?? 200).end(answer.body)
        return
      }
      const sendFile = SHARED.test(url.pathname) ? sendShared : sendOwn
      sendFile(request, response)
    })
  const first = create()
  const port = await listen(first, wanted, '127.0.0.1')
  // `localhost` may mean ::1 first; where there is no IPv6 the browsers use the other address.
  const second = create()
  await listen(second, port, '::1').catch(() => undefined)
  const close = async (): Promise<void> => void (await Promise.all([first, second].map(stop)))
  return { port, close }
}

/** Makes a server listen, and resolves with its port; rejects when the port is taken. */
async function listen(server: Server, port: number, host: string): Promise<number> {
  await once(server.listen(port, host), 'listening')
  return (server.address() as AddressInfo).port
}

async function stop(server: Server): Promise<void> {
  const closed = once(server.close(), 'close')
  server.closeAllConnections()
  await closed
}

/** Finds a port that nobody listens on: `preferred` when it is free. */
export async function findFreePort(preferred = 0): Promise<number> {
  const server = createHttpServer()
  const port = await listen(server, preferred, '127.0.0.1').catch(() => undefined)
  if (port === undefined) return findFreePort()
  await stop(server)
  return port
}
