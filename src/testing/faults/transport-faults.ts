import { corsHeaders } from '../server/cors.ts'
import type { Incoming } from '../server/request-log.ts'
import { sleep } from '../server/sleep.ts'
import type { ServerState } from '../server/state.ts'
import { takeFault } from './active-faults.ts'
import { drip, pad, truncate } from './body-faults.ts'
import { replace, replacements, type Exchange } from './replacement-faults.ts'

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
  if (exchange === undefined || typeof exchange === 'string') return exchange ?? 'drop'
  const late = takeFault(state, endpoint, 'lateAnswer')
  if (late) await sleep(late.ms)
  const isBare = replacement?.name === 'gatewayError' || takeFault(state, endpoint, 'noCors')
  const cors = isBare ? [] : corsHeaders(state, incoming)
  for (const [name, value] of cors) exchange.headers.set(name, value)
  return change(state, incoming, exchange)
}
