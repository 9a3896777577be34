import { takeFault } from './active-faults.ts'
import { corsHeaders } from './cors.ts'
import type { FaultNamed } from './faults.ts'
import { oauthError } from './oauth-error.ts'
import type { Incoming } from './request-log.ts'
import type { ServerState } from './state.ts'

/** What becomes of a request: an answer, a connection that breaks, or silence. */
export type Exchange = Response | 'drop' | 'hang'

const replacements = [
  'hang',
  'drop',
  'status',
  'html',
  'empty',
  'noContent',
  'redirect',
  'oauthError',
] as const

type ReplacementFault = FaultNamed<(typeof replacements)[number]>

/** Waits. */
export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

const answer = (status: number, body: string | null, headers: Record<string, string> = {}) =>
  new Response(body, { status, headers: { 'cache-control': 'no-store', ...headers } })

function replace(fault: ReplacementFault): Exchange {
  switch (fault.name) {
    case 'hang':
    case 'drop':
      return fault.name
    case 'status': {
      const { status, body = '', contentType = 'text/plain', headers } = fault
      const hasBody = ![204, 205, 304].includes(status)
      return answer(status, hasBody ? body : null, { 'content-type': contentType, ...headers })
    }
    case 'html':
      return answer(200, '<!doctype html><title>Welcome</title>', { 'content-type': 'text/html' })
    case 'empty':
      return answer(200, '')
    case 'noContent':
      return answer(204, null)
    case 'redirect':
      return answer(fault.status ?? 302, null, { location: fault.location })
    case 'oauthError':
      return oauthError(
        { error: fault.error, description: fault.description ?? 'as the test asked' },
        fault.status,
      )
  }
}

const withBody = ({ status, headers }: Response, body: BodyInit | null) =>
  new Response(body, { status, headers })

function truncate(response: Response, bytes: Uint8Array<ArrayBuffer>): Response {
  const half = bytes.slice(0, Math.ceil(bytes.length / 2))
  let isSent = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isSent) controller.error(new TypeError('the body broke off'))
      else controller.enqueue(half)
      isSent = true
    },
  })
  return withBody(response, body)
}

const slices = 10

function drip(response: Response, bytes: Uint8Array<ArrayBuffer>, ms: number): Response {
  const size = Math.max(1, Math.ceil(bytes.length / slices))
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await sleep(ms / slices)
      controller.enqueue(bytes.slice(sent, sent + size))
      sent += size
      if (sent >= bytes.length) controller.close()
    },
  })
  return withBody(response, body)
}

const chunkBytes = 65_536

function pad(response: Response, bytes: Uint8Array<ArrayBuffer>, total: number): Response {
  let left = total - bytes.length
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes)
    },
    pull(controller) {
      if (left > 0) controller.enqueue(new Uint8Array(Math.min(left, chunkBytes)).fill(0x20))
      else controller.close()
      left -= chunkBytes
    },
  })
  return withBody(response, body)
}

/** The faults that change an answer on its way. */
async function change(
  state: ServerState,
  { endpoint }: Incoming,
  response: Response,
): Promise<Response> {
  const headerFault = takeFault(state, endpoint, 'headers')
  for (const [name, value] of Object.entries(headerFault?.set ?? {})) {
    response.headers.set(name, value)
  }
  for (const name of headerFault?.remove ?? []) response.headers.delete(name)
  if (takeFault(state, endpoint, 'download')) {
    response.headers.set('content-disposition', 'attachment; filename="response"')
  }
  if (response.body === null) return response
  const slow = takeFault(state, endpoint, 'slowBody')
  if (slow) return drip(response, new Uint8Array(await response.arrayBuffer()), slow.ms)
  const huge = takeFault(state, endpoint, 'huge')
  if (huge) return pad(response, new Uint8Array(await response.arrayBuffer()), huge.bytes)
  if (!takeFault(state, endpoint, 'truncated')) return response
  return truncate(response, new Uint8Array(await response.arrayBuffer()))
}

/** Runs an endpoint with whatever faults the transport has. */
export async function withTransportFaults(
  state: ServerState,
  incoming: Incoming,
  handle: () => Promise<Response>,
): Promise<Exchange> {
  const { endpoint } = incoming
  const delay = takeFault(state, endpoint, 'delay')
  if (delay) await sleep(delay.ms)
  const replacement = takeFault(state, endpoint, ...replacements)
  const response = replacement && !replacement.afterProcessing ? undefined : await handle()
  const exchange = replacement ? replace(replacement) : response
  if (!(exchange instanceof Response)) return exchange ?? 'drop'
  const cors = takeFault(state, endpoint, 'noCors') ? [] : corsHeaders(state, incoming)
  for (const [name, value] of cors) exchange.headers.set(name, value)
  return change(state, incoming, exchange)
}
