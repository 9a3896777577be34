import { docsLink } from './docs-link.ts'

/** What was looked at, and where its documentation is: the anchor, and the page if not errors.md. */
const DOCS: Readonly<Record<FindingId, readonly [anchor: string, page?: string]>> = {
  issuer_url: ['config_invalid'],
  discovery: ['discovery_failed'],
  issuer: ['discovery_invalid'],
  endpoints: ['discovery_invalid'],
  pkce: ['discovery_invalid'],
  pushed_requests: ['pushed-requests-par', 'guides/pushed-requests'],
  algorithms: ['id_token_invalid'],
  scope: ['scope_narrowed'],
  silent_mode: ['what-silentiframe-takes', 'api'],
  end_session: ['server_session_remains'],
  keys: ['response_invalid'],
  authorization: ['silent_blocked'],
  server_framing: ['silent_blocked'],
  token_endpoint: ['token_error'],
  cors_discovery: ['discovery_failed'],
  cors_keys: ['network_error'],
  cors_token: ['network_error'],
  site: ['login_required'],
  clock: ['clock_skew'],
  redirect_uri: ['config_invalid'],
  callback_page: ['silent_blocked'],
  callback_framing: ['silent_blocked'],
  csp_frame: ['silent_blocked'],
  csp_connect: ['network_error'],
  isolation: ['silent_blocked'],
  secure_context: ['insecure_context'],
  storage: ['storage_unavailable'],
  locks: ['storage_unavailable'],
  embedded: ['login_required'],
  service_worker: ['network_error'],
  address: ['routers', 'routers'],
  back_forward_cache: ['from-the-page', 'diagnosis'],
  silent_request: ['silent_blocked'],
  cookies: ['login_required'],
  session: ['errors-and-warnings'],
}

/** What was looked at. */
export type FindingId =
  | 'issuer_url'
  | 'discovery'
  | 'issuer'
  | 'endpoints'
  | 'pkce'
  | 'pushed_requests'
  | 'algorithms'
  | 'scope'
  | 'silent_mode'
  | 'end_session'
  | 'keys'
  | 'authorization'
  | 'server_framing'
  | 'token_endpoint'
  | 'cors_discovery'
  | 'cors_keys'
  | 'cors_token'
  | 'site'
  | 'clock'
  | 'redirect_uri'
  | 'callback_page'
  | 'callback_framing'
  | 'csp_frame'
  | 'csp_connect'
  | 'isolation'
  | 'secure_context'
  | 'storage'
  | 'locks'
  | 'embedded'
  | 'service_worker'
  | 'address'
  | 'back_forward_cache'
  | 'silent_request'
  | 'cookies'
  | 'session'

export type FindingLevel = 'ok' | 'hint' | 'error'

/** Values that were seen: configuration, statuses and counts, fit to be shown to anybody. */
export type FindingEvidence = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>

/** One thing that was looked at, and how it is. */
export interface Finding {
  readonly id: FindingId
  /** `error`: logins or renewals fail because of it. `hint`: it may be wanted so. */
  readonly level: FindingLevel
  readonly what: string
  /** What to do. */
  readonly fix?: string
  /** Where to read on, in this version. */
  readonly docs: string
  readonly evidence: FindingEvidence
}

/** What a finding may have besides its words. */
export type FindingDetails = Partial<Pick<Finding, 'fix' | 'evidence' | 'level' | 'docs'>>

/** Makes a finding; with a `fix` it is an error, and `docs` that of its kind, unless told. */
export function finding(
  id: FindingId,
  what: string,
  {
    fix,
    evidence = {},
    level = fix === undefined ? 'ok' : 'error',
    docs = docsLink(...DOCS[id]),
  }: FindingDetails = {},
): Finding {
  return {
    id,
    level,
    what: printable(what),
    ...(fix !== undefined && { fix: printable(fix) }),
    docs,
    evidence: Object.fromEntries(
      Object.entries(evidence).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, printableValue(value)]],
      ),
    ),
  }
}

/** A server has its words in it: nothing of them may steer a terminal, or begin a line. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}

function printableValue(
  value: NonNullable<FindingEvidence[string]>,
): NonNullable<FindingEvidence[string]> {
  if (typeof value === 'string') return printable(value)
  return typeof value === 'object' ? value.map(printable) : value
}

const MARKS: Readonly<Record<FindingLevel, string>> = { ok: 'ok   ', hint: 'hint ', error: 'error' }
const ORDER: readonly FindingLevel[] = ['error', 'hint', 'ok']

/** How parts of the text are shown; as they are, unless told. */
export type Paint = (text: string, as: FindingLevel | 'docs') => string

/**
 * Findings as text, for a terminal or an issue: what is wrong first.
 *
 * @example
 * ```ts
 * import { diagnose, formatFindings } from 'sotto/explain'
 *
 * const { findings } = await diagnose(auth)
 * console.log(formatFindings(findings))
 * ```
 */
export function formatFindings(
  findings: readonly Finding[],
  paint: Paint = (text) => text,
): string {
  const lines = ORDER.flatMap((level) => findings.filter((one) => one.level === level)).flatMap(
    ({ level, id, what, fix, docs }) => [
      `${paint(MARKS[level], level)}  ${id.padEnd(16)}  ${what}`,
      ...(fix === undefined ? [] : [`${' '.repeat(25)}${fix}`]),
      ...(level === 'error' ? [`${' '.repeat(25)}${paint(docs, 'docs')}`] : []),
    ],
  )
  const counted = ORDER.map((level) => {
    const count = findings.filter((one) => one.level === level).length
    return `${count} ${level === 'ok' || count === 1 ? level : `${level}s`}`
  })
  return [...lines, '', counted.join(', ')].join('\n')
}
