import { oauthError } from '../endpoints/oauth-error.ts'
import type { FaultNamed, OAuthErrorParameters } from './faults.ts'

/** What becomes of a request: an answer, a connection that breaks, or silence. */
export type Exchange = Response | 'drop' | 'hang'

/** The faults that answer in place of the endpoint. */
export const replacements = [
  'hang',
  'drop',
  'status',
  'retryLater',
  'gatewayError',
  'html',
  'empty',
  'noContent',
  'redirect',
  'oauthError',
] as const

/** One of them. */
export type ReplacementFault = FaultNamed<(typeof replacements)[number]>

const answer = (status: number, body: string | null, headers: Record<string, string> = {}) =>
  new Response(body, { status, headers: { 'cache-control': 'no-store', ...headers } })

const page = (status: number, title: string) =>
  answer(status, `<!doctype html><title>${title}</title>`, { 'content-type': 'text/html' })

/** The OAuth error that a test asked for. */
export function faultyOAuthError({
  error,
  description = 'as the test asked',
  status,
  contentType,
}: OAuthErrorParameters): Response {
  const response = oauthError({ error, description }, status)
  if (contentType === '') response.headers.delete('content-type')
  else if (contentType !== undefined) response.headers.set('content-type', contentType)
  return response
}

/** What comes in place of the answer. */
export function replace(fault: ReplacementFault): Exchange {
  switch (fault.name) {
    case 'hang':
    case 'drop':
      return fault.name
    case 'status': {
      const { status, body = '', contentType = 'text/plain', headers } = fault
      const hasBody = ![204, 205, 304].includes(status)
      return answer(status, hasBody ? body : null, { 'content-type': contentType, ...headers })
    }
    case 'retryLater':
      return answer(fault.status ?? 503, '', { 'retry-after': String(fault.retryAfterSeconds) })
    case 'gatewayError':
      return page(fault.status ?? 502, 'The server cannot be reached')
    case 'html':
      return page(200, 'Welcome')
    case 'empty':
      return answer(200, '')
    case 'noContent':
      return answer(204, null)
    case 'redirect':
      return answer(fault.status ?? 302, null, { location: fault.location })
    case 'oauthError':
      return faultyOAuthError(fault)
  }
}
