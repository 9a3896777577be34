// Serves a single-page app and the built library without a bundler: `npm start` and the end-to-end tests both use it.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { extname, join } from 'node:path'
import { root as projectRoot } from './run.mjs'

const contentTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

// What pages may load besides their own files: the library, and the two packages that it imports by name.
const shared = ['/dist/', '/node_modules/oauth4webapi/', '/node_modules/idb-keyval/']

/**
 * Serves the files of `root`; a path without an extension is a route of the app and answers with its index.html.
 * `respond` is asked first: it may add headers, or answer in full by giving a body or a status.
 */
export async function serveStatic({ root, port = 0, tls, respond = () => ({}) }) {
  const listener = (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
    const { status, headers, body } = respond({
      url,
      method: request.method,
      headers: request.headers,
    })
    for (const [name, value] of Object.entries({ 'cache-control': 'no-cache', ...headers })) {
      response.setHeader(name, value)
    }
    if (status !== undefined || body !== undefined) response.writeHead(status ?? 200).end(body)
    else sendFile(response, locate(root, url.pathname))
  }
  const create = () => (tls ? createHttpsServer(tls, listener) : createHttpServer(listener))
  const first = create()
  await listen(first, port, '127.0.0.1')
  const servers = [first]
  const actualPort = first.address().port
  // `localhost` may mean ::1 first; where there is no IPv6 the browsers use the other address.
  const second = create()
  await listen(second, actualPort, '::1').then(
    () => servers.push(second),
    () => undefined,
  )
  return { port: actualPort, close: () => Promise.all(servers.map(close)).then(() => undefined) }
}

/** The file for a path: never one outside the app's own folder and the shared ones. */
function locate(root, path) {
  if (extname(path) === '') return join(root, 'index.html')
  const prefix = shared.find((folder) => path.startsWith(folder)) ?? '/'
  const folder = join(prefix === '/' ? root : projectRoot, prefix)
  const file = join(folder, decode(path.slice(prefix.length)))
  return file.startsWith(folder) ? file : undefined
}

function decode(path) {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function sendFile(response, file) {
  if (file === undefined || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found')
    return
  }
  const contentType = contentTypes[extname(file)] ?? 'application/octet-stream'
  if (!response.hasHeader('content-type')) response.setHeader('content-type', contentType)
  createReadStream(file).pipe(response)
}

/** Makes a server listen; rejects when the port is taken. */
function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server) {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}

/** Finds a port that nobody listens on: `preferred` when it is free. */
export async function findFreePort(preferred = 0) {
  const server = createHttpServer()
  try {
    await listen(server, preferred, '127.0.0.1')
  } catch {
    return findFreePort()
  }
  const { port } = server.address()
  await close(server)
  return port
}
