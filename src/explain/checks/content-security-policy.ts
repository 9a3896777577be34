import { parseUrl } from '../../protocol/url.ts'

/** The directives of one policy, by their names in lower case. */
export type Policy = ReadonlyMap<string, readonly string[]>

/** The policies of a header, which may hold several; each must allow what is done. */
export function parsePolicies(header: string | null | undefined): readonly Policy[] {
  return (header ?? '')
    .split(',')
    .map(parsePolicy)
    .filter((policy) => policy.size > 0)
}

function parsePolicy(text: string): Policy {
  const directives = new Map<string, readonly string[]>()
  for (const part of text.split(';')) {
    const [name = '', ...sources] = part.trim().split(/\s+/)
    const key = name.toLowerCase()
    // The first one counts (CSP 3, section 2.2.1).
    if (key && !directives.has(key)) directives.set(key, sources)
  }
  return directives
}

/**
 * The directive that forbids a URL, by the first name that the policies have of those given: each
 * falls back to the next.
 *
 * @param self the page that the policy is of
 */
export function findForbidding(
  policies: readonly Policy[],
  names: readonly string[],
  url: string,
  self: string,
): string | undefined {
  for (const policy of policies) {
    const name = names.find((one) => policy.has(one))
    const sources = name === undefined ? undefined : policy.get(name)
    if (sources && !sources.some((source) => matches(source, new URL(url), new URL(self))))
      return name
  }
  return undefined
}

/** Whether a source expression matches (CSP 3, section 6.7.2.8), paths left out. */
function matches(source: string, url: URL, self: URL): boolean {
  if (source === '*') return /^(https?|wss?):$/.test(url.protocol)
  if (source.toLowerCase() === "'self'") return url.origin === self.origin
  if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return isScheme(source.toLowerCase(), url.protocol)
  const [, scheme, host = '', port] =
    /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*|(?:\*\.)?[\w.-]+|\[[\d:a-f]+\])(?::(\d+|\*))?(?:\/.*)?$/i.exec(
      source,
    ) ?? []
  if (!host) return false
  return (
    isScheme(scheme === undefined ? self.protocol : `${scheme.toLowerCase()}:`, url.protocol) &&
    isHost(host.toLowerCase(), url.hostname) &&
    isPort(port, url)
  )
}

/** A page may be upgraded to a secure scheme, never the other way. */
function isScheme(wanted: string, scheme: string): boolean {
  return scheme === wanted || (wanted === 'http:' && scheme === 'https:')
}

function isHost(wanted: string, host: string): boolean {
  if (wanted === '*') return true
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' }

function isPort(wanted: string | undefined, url: URL): boolean {
  const port = url.port || DEFAULT_PORTS[url.protocol]
  return wanted === '*' || port === (wanted ?? DEFAULT_PORTS[url.protocol])
}

/** The headers of a page that say who may frame it. */
export interface FramingHeaders {
  readonly xFrameOptions: string | null
  readonly contentSecurityPolicy: string | null
}

/**
 * The header of a page that keeps it from being shown in a frame of another, if there is one.
 *
 * @param page the URL of the page in the frame
 * @param parent the origin of the page around it
 */
export function findFramingRefusal(
  { xFrameOptions, contentSecurityPolicy }: FramingHeaders,
  page: string,
  parent: string,
): string | undefined {
  const policies = parsePolicies(contentSecurityPolicy)
  const names = ['frame-ancestors']
  if (findForbidding(policies, names, parent, page))
    return `Content-Security-Policy: frame-ancestors ${ancestorsOf(policies)}`
  // Where a policy has a word on it, the older header is not read (CSP 3, section 6.4.2).
  if (xFrameOptions === null || policies.some((policy) => policy.has('frame-ancestors')))
    return undefined
  const isSame = parseUrl(page)?.origin === parent
  const isRefused =
    /\bdeny\b/i.test(xFrameOptions) || (!isSame && /\bsameorigin\b/i.test(xFrameOptions))
  return isRefused ? `X-Frame-Options: ${xFrameOptions}` : undefined
}

function ancestorsOf(policies: readonly Policy[]): string {
  return policies.flatMap((policy) => policy.get('frame-ancestors') ?? []).join(' ')
}
