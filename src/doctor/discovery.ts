import { readObject } from '../explain/checks/json-object.ts'
import { checkDiscovered, type Metadata } from '../explain/checks/metadata.ts'
import { finding, type Finding } from '../explain/finding.ts'
import { isSecureUrl } from '../protocol/url.ts'
import type { Answer, Ask, NoAnswer } from './ask.ts'

const WELL_KNOWN = '/.well-known/openid-configuration'

/** What was found of a server's metadata. */
export interface Discovered {
  readonly findings: readonly Finding[]
  /** Where there are any: perhaps at another issuer than the one that was given. */
  readonly found?: {
    readonly issuer: string
    readonly metadata: Metadata
    readonly url: string
    readonly answer: Answer
  }
}

/** Looks for the metadata of a server, and where they are not, nearby. */
export async function discover(ask: Ask, issuer: string, origin: string): Promise<Discovered> {
  const url = urlOf(issuer)
  const answer = await ask(url, { headers: { origin } })
  const address = checkIssuerUrl(issuer)
  const metadata = 'status' in answer && answer.status === 200 ? readObject(answer.body) : undefined
  if (metadata && 'status' in answer) {
    return {
      findings: [address, checkDiscovered(url, answer.url)],
      found: { issuer, metadata, url, answer },
    }
  }
  const near = await findNear(ask, issuer, origin)
  const findings = [address, explainFailure(url, answer, near)]
  return near ? { findings, found: near } : { findings }
}

function urlOf(issuer: string): string {
  return issuer.replace(/\/?$/, WELL_KNOWN)
}

/** What `createAuthClient` takes. */
function checkIssuerUrl(issuer: string): Finding {
  const evidence = { issuer }
  if (isSecureUrl(issuer) && !/[?#\s]/.test(issuer))
    return finding('issuer_url', 'The issuer is a URL that may be used.', { evidence })
  const { username, password } = new URL(issuer)
  const what =
    username || password || /[?#\s]/.test(issuer)
      ? `The issuer ${issuer} has a query, a "#" or a user name in it.`
      : `The issuer ${issuer} is plain http, which is taken for this machine only.`
  const fix = 'Use the https URL that the server’s metadata have as issuer.'
  return finding('issuer_url', what, { fix, evidence })
}

const PROBLEMS: Readonly<Record<NoAnswer['problem'], (url: URL) => readonly [string, string]>> = {
  dns: ({ hostname }) => [
    `There is no host ${hostname}.`,
    'Check the spelling of the host name, and the network or VPN.',
  ],
  refused: ({ host }) => [
    `${host} refuses connections: nothing listens there.`,
    'Start the server, or correct the port.',
  ],
  tls: ({ host }) => [
    `The certificate of ${host} is not trusted.`,
    'Give the server a certificate that browsers trust. For one of your own, start Node with NODE_EXTRA_CA_CERTS.',
  ],
  timeout: ({ host }) => [
    `${host} does not answer in time.`,
    'Check the network, a firewall or VPN, and whether the server is up.',
  ],
  network: ({ host }) => [
    `The connection to ${host} broke.`,
    'Check the scheme (http, https) and the port.',
  ],
}

function explainFailure(
  url: string,
  answer: Answer | NoAnswer,
  near: Discovered['found'],
): Finding {
  const [what, fix] =
    'problem' in answer
      ? PROBLEMS[answer.problem](new URL(url))
      : answer.status === 200
        ? [`At ${url} is no JSON object.`, 'A web page answers there: correct the issuer.']
        : [
            `${url} answers with the status ${answer.status}.`,
            'Copy the issuer from the server’s documentation: a path such as /realms/name or /oauth2/default belongs to it.',
          ]
  const evidence = {
    asked: url,
    ...('problem' in answer ? { problem: answer.detail } : { status: answer.status }),
    ...(near && { foundAt: near.url, foundIssuer: near.issuer }),
  }
  return finding('discovery', what, { fix: near ? pointTo(near) : fix, evidence })
}

function pointTo({ url, issuer }: NonNullable<Discovered['found']>): string {
  return url.endsWith(WELL_KNOWN)
    ? `${url} does answer: set issuer to "${issuer}".`
    : `${url} does answer: pass metadata: "${url}" and issuer: "${issuer}".`
}

/** Where the metadata may be instead, most likely first. */
function nearby(issuer: string): readonly string[] {
  const url = new URL(issuer)
  const { origin } = url
  const path = url.pathname.replace(/\/$/, '')
  const parents = path
    .split('/')
    .slice(1)
    .map(
      (_, index, parts) =>
        origin +
        parts
          .slice(0, index)
          .map((part) => `/${part}`)
          .join(''),
    )
    .reverse()
  const other = url.protocol === 'http:' ? 'https:' : 'http:'
  return [
    // The whole URL of the document.
    ...(path.endsWith(WELL_KNOWN) ? [origin + path.slice(0, -WELL_KNOWN.length)] : []),
    // Keycloak before and since version 17.
    ...(path.startsWith('/auth/') ? [origin + path.slice('/auth'.length)] : []),
    ...(path.startsWith('/realms/') ? [`${origin}/auth${path}`] : []),
    // Entra, Okta, Logto and others behind a path of their own.
    ...['/v2.0', '/oauth2/default', '/oidc', '/oauth2'].map((tail) => origin + path + tail),
    ...parents,
    `${other}//${url.host}${path}`,
  ]
}

async function findNear(
  ask: Ask,
  issuer: string,
  origin: string,
): Promise<Discovered['found'] | undefined> {
  const { origin: server, pathname } = new URL(issuer)
  // RFC 8414, section 3.1: before the path, and for servers of OAuth.
  const ofOAuth = `${server}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`
  const urls = [...new Set([...nearby(issuer).map(urlOf), ofOAuth])]
  const answers = await Promise.all(
    urls.filter((url) => url !== urlOf(issuer)).map((url) => ask(url, { headers: { origin } })),
  )
  for (const answer of answers) {
    const metadata =
      'status' in answer && answer.status === 200 ? readObject(answer.body) : undefined
    const named = metadata?.['issuer']
    if (metadata && 'status' in answer && typeof named === 'string' && URL.canParse(named))
      return { issuer: named, metadata, url: answer.asked, answer }
  }
  return undefined
}
