/**
 * The provider over HTTP, in Node.
 *
 * @module sotto/testing/node
 */
import type { AuthorizationServer } from './server/authorization-server.ts'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { MAX_BODY_BYTES } from './server/bounded-body.ts'

/** Where to listen. */
export interface ServeOptions {
  /** The port of the issuer, as a rule. */
  readonly port: number
  /** `127.0.0.1` unless told: nobody else can reach it. */
  readonly host?: string
  /** PEM; with it the server speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** A server that listens. */
export interface ServedAuthorizationServer {
  readonly url: string
  /** Stops listening and closes every connection, also those that hang. */
  readonly close: () => Promise<void>
}

/** The body; undefined if it is longer than any that the server takes. */
async function readBody(message: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes > MAX_BODY_BYTES) return undefined
  }
  return Buffer.concat(chunks)
}

async function toRequest(
  message: IncomingMessage,
  scheme: string,
  signal: AbortSignal,
): Promise<Request | undefined> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const body = await readBody(message)
  if (!body) return undefined
  const method = message.method ?? 'GET'
  const base = `${scheme}://${message.headers.host ?? 'localhost'}`
  const { url: target = '/' } = message
  // A path of two slashes is a path, and no host.
  const url = target.startsWith('/') ? new URL(base + target) : new URL(target, base)
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0
  return new Request(url, { method, headers, signal, body: hasBody ? body : null })
}

const write = (response: ServerResponse, chunk: Uint8Array) =>
  new Promise<void>((resolve) => {
    response.write(chunk, () => resolve())
  })

async function send(response: ServerResponse, answer: Response): Promise<void> {
  const cookies = answer.headers.getSetCookie()
  const headers = [...answer.headers].filter(([name]) => name !== 'set-cookie')
  response.writeHead(answer.status, {
    ...Object.fromEntries(headers),
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
  })
  response.flushHeaders()
  const reader = answer.body?.getReader()
  while (reader && !response.destroyed) {
    const { done, value } = await reader.read()
    if (done) break
    await write(response, value)
  }
  if (response.destroyed) await reader?.cancel()
  response.end()
}

async function answer(
  server: Pick<AuthorizationServer, 'exchange'>,
  scheme: string,
  { message, response }: { readonly message: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    const request = await toRequest(message, scheme, gone.signal)
    // The rest of the body is not read.
    const close = { headers: { connection: 'close' } }
    const tooLong = new Response('The body is too long', { status: 413, ...close })
    const exchange = request ? await server.exchange(request) : tooLong
    if (exchange === 'hang') return
    if (exchange === 'drop') response.destroy()
    else await send(response, exchange)
  } catch {
    // A body that breaks off, or a client that has gone: the connection says it all.
    response.destroy()
  }
}

/**
 * Serves an authorization server over HTTP, or HTTPS, in Node. The faults `hang`, `drop` and
 * `truncated` happen to the connection itself.
 */
export async function serveAuthorizationServer(
  server: Pick<AuthorizationServer, 'exchange'>,
  { port, host = '127.0.0.1', tls }: ServeOptions,
): Promise<ServedAuthorizationServer> {
  const scheme = tls ? 'https' : 'http'
  const listener = (message: IncomingMessage, response: ServerResponse) => {
    void answer(server, scheme, { message, response })
  }
  const listening = tls ? createTlsServer({ ...tls }, listener) : createServer(listener)
  await new Promise<void>((resolve, reject) => {
    listening.once('error', reject)
    listening.listen(port, host, resolve)
  })
  const address = listening.address() as AddressInfo
  const name = host === '127.0.0.1' ? 'localhost' : host
  return {
    url: `${scheme}://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        listening.close(() => resolve())
        listening.closeAllConnections()
      }),
  }
}
