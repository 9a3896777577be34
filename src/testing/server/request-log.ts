import { readBody } from './bounded-body.ts'
import type { Endpoint } from './records.ts'
import type { ServerState } from './state.ts'

/** A request on its way through the server. */
export interface Incoming {
  readonly endpoint: Endpoint
  readonly request: Request
  readonly url: URL
  /** Of the query for GET, of the form for POST. */
  readonly parameters: URLSearchParams
  readonly isForm: boolean
}

/** What users type. */
const secrets = ['password', 'new_password', 'otp', 'form_token']

const hasSecrets = (endpoint: Endpoint) => endpoint === 'login' || endpoint === 'account'

const formType = 'application/x-www-form-urlencoded'

/** Reads the parameters of a request; undefined if its body is too long. */
export async function readIncoming(
  endpoint: Endpoint,
  request: Request,
): Promise<Incoming | undefined> {
  const url = new URL(request.url)
  const contentType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  const isForm = contentType === formType
  const body = request.method === 'POST' ? await readBody(request) : ''
  if (body === undefined) return undefined
  const parameters = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams
  return { endpoint, request, url, parameters, isForm }
}

/** Remembers a request for tests to look at. */
export function logRequest(state: ServerState, incoming: Incoming): void {
  const { endpoint, request, url } = incoming
  const parameters = new URLSearchParams(incoming.parameters)
  for (const name of secrets) if (parameters.has(name)) parameters.set(name, '(hidden)')
  state.requests.push({
    endpoint,
    method: request.method,
    path: url.pathname,
    query: url.search,
    body: request.method === 'POST' && !hasSecrets(endpoint) ? parameters.toString() : '',
    names: [...parameters.keys()],
    parameters: Object.fromEntries([...parameters].reverse()),
    headers: Object.fromEntries(request.headers),
    origin: request.headers.get('origin'),
    secFetchDest: request.headers.get('sec-fetch-dest'),
    time: state.now(),
  })
}
