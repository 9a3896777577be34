import type { IncomingHttpHeaders } from 'node:http'

export interface StaticRequest {
  readonly url: URL
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

export interface StaticResponse {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface StaticServerOptions {
  readonly root: string
  readonly port?: number
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly respond?: (request: StaticRequest) => StaticResponse
}

export interface StaticServer {
  readonly port: number
  readonly close: () => Promise<void>
}

export function serveStatic(options: StaticServerOptions): Promise<StaticServer>
export function findFreePort(preferred?: number): Promise<number>
