import { assertBrowser } from '../browser/environment.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { contextOf, type ClientContext } from '../client/context.ts'
import { resolveRedirectUri } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { checkCallbackPage, checkClock, checkSite, withProbe } from './checks/app-page.ts'
import { finding, type Finding } from './finding.ts'
import { checkEnvironment } from './page/environment.ts'
import { createProbe, type Probe } from './page/probe.ts'
import { checkServer } from './page/server.ts'
import { checkSession, checkSilentRequest } from './page/session.ts'
import { siteRelation } from './page/site.ts'

export interface DiagnoseOptions {
  /**
   * Whether something may be sent: requests to the server and to the redirect URI, and one silent
   * renewal. Default: true.
   */
  readonly probe?: boolean | undefined
}

/** What is right and wrong with a set-up, as data that may be shown to anybody. */
export interface Diagnosis {
  readonly findings: readonly Finding[]
}

/**
 * Looks for what is wrong with the set-up, from the page: the server's metadata, whether this origin
 * may read its answers, whether the client is a public one, the redirect URI, the content security
 * policy, sites and cookies, storages, locks and the clock. For development and for bug reports:
 * there is no token, claim, code, verifier, nonce or state in it.
 *
 * @throws AuthError `config_invalid` where `auth` is no client, `not_in_browser`, `disposed`
 * @example
 * ```ts
 * const { findings } = await diagnose(auth)
 * const wrong = findings.filter(({ level }) => level === 'error')
 * ```
 */
export async function diagnose(
  auth: AuthClient<object>,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const { probe = true } = ownFields<DiagnoseOptions>(options)
  const context = contextOf(auth)
  if (typeof document === 'undefined') assertBrowser()
  context.ended.signal.throwIfAborted()
  const { issuer, timeoutMs, fetch: send } = context.options
  const local = [...(await checkEnvironment(context)), ...checkSession(context)]
  const site = checkSite(siteRelation(issuer, probe), { app: location.origin, issuer })
  const clock = knownClock(context)
  if (!probe || local.some(isInTheWay)) return { findings: [...local, site, ...clock] }
  const ask = createProbe(send ?? ((...request) => fetch(...request)), timeoutMs)
  const redirectUri = resolveRedirectUri(context.options.redirectUri)
  const [server, app] = await Promise.all([
    checkServer(context.options, redirectUri, ask),
    checkApp(context.options, redirectUri, ask, !clock.length),
  ])
  // Last, because it may change the session that was looked at.
  const renewal = await checkSilentRequest(auth, timeoutMs)
  return { findings: [...local, ...server, ...app, site, ...clock, ...renewal] }
}

/** Whether nothing can be asked as long as it is so. */
function isInTheWay({ id, level }: Finding): boolean {
  return level === 'error' && /^(secure_context|redirect_uri)$/.test(id)
}

/** What the ID token of a login has said of the clock. */
function knownClock({ owner }: ClientContext): readonly Finding[] {
  const { offsetSeconds } = owner.server.clock
  return offsetSeconds ? [checkClock(-offsetSeconds, 'the server')] : []
}

/** The app's own web server, whose headers a page may read. */
async function checkApp(
  { responseMode }: ClientContext['options'],
  redirectUri: string,
  probe: Probe,
  hasClock: boolean,
): Promise<readonly Finding[]> {
  const headers = { accept: 'text/html' }
  const answer = await probe(withProbe(redirectUri), { headers, credentials: 'same-origin' })
  if ('problem' in answer)
    return [
      finding('callback_page', `Your web server gives no page at ${redirectUri}.`, {
        fix: 'Have it send the page of the app there, and lead to no other origin.',
        evidence: { asked: redirectUri, problem: answer.problem },
      }),
    ]
  const date = Date.parse(answer.headers.get('date') ?? '')
  return [
    ...checkCallbackPage({
      redirectUri,
      status: answer.status,
      url: answer.url,
      isFragment: responseMode === 'fragment',
      xFrameOptions: answer.headers.get('x-frame-options'),
      contentSecurityPolicy: answer.headers.get('content-security-policy'),
    }),
    ...(hasClock && date ? [checkClock((Date.now() - date) / 1000, 'your web server')] : []),
  ]
}
