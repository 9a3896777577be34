import { oauthError } from '../endpoints/oauth-error.ts'
import type { FaultName, FaultNamed, FaultTable, OAuthErrorParameters } from './faults.ts'

/** What becomes of a request: an answer, a connection that breaks, or silence. */
export type Exchange = Response | 'drop' | 'hang'

/** The faults that answer in place of the endpoint: those that may let it do its work first. */
type ReplacementName = {
  readonly [Name in FaultName]: 'afterProcessing' extends keyof FaultTable[Name]['parameters']
    ? Name
    : never
}[FaultName]

/** One of them. */
type ReplacementFault = FaultNamed<ReplacementName>

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

const answers: {
  readonly [Name in ReplacementName]: (fault: FaultNamed<Name>) => Exchange
} = {
  hang: () => 'hang',
  drop: () => 'drop',
  status: ({ status, body = '', contentType = 'text/plain', headers }) => {
    const hasBody = ![204, 205, 304].includes(status)
    return answer(status, hasBody ? body : null, { 'content-type': contentType, ...headers })
  },
  retryLater: ({ status = 503, retryAfterSeconds }) =>
    answer(status, '', { 'retry-after': String(retryAfterSeconds) }),
  gatewayError: ({ status = 502 }) => page(status, 'The server cannot be reached'),
  html: () => page(200, 'Welcome'),
  empty: () => answer(200, ''),
  noContent: () => answer(204, null),
  redirect: ({ status = 302, location }) => answer(status, null, { location }),
  oauthError: faultyOAuthError,
}

/** Their names. */
export const replacements: readonly ReplacementName[] = Object.keys(answers) as ReplacementName[]

/** What comes in place of the answer. */
export function replace(fault: ReplacementFault): Exchange {
  const make = answers[fault.name] as (of: ReplacementFault) => Exchange
  return make(fault)
}
