import { bareUrl } from '../../protocol/evidence.ts'
import { isRedirectAddress } from '../../protocol/redirect-address.ts'
import { finding, type Finding } from '../finding.ts'
import { findFramingRefusal, type FramingHeaders } from './content-security-policy.ts'

/** An answer of the app's own web server at the redirect URI. */
export interface CallbackAnswer extends FramingHeaders {
  readonly redirectUri: string
  readonly status: number
  /** Where it ended, redirects followed, with its query; what was asked, without any. */
  readonly url: string
  /** Whether answers come in the fragment, which every redirect keeps. */
  readonly isFragment?: boolean
}

const PROBE = 'sotto-probe'

/** What to ask for at a redirect URI: with a query, as the answer to a login has one. */
export function withProbe(redirectUri: string): string {
  const page = redirectUri.split('#')[0]!
  return `${page}${page.includes('?') ? '&' : '?'}${PROBE}=1`
}

/** Whether the app answers at its redirect URI, and lets its own pages frame it. */
export function checkCallbackPage(answer: CallbackAnswer): readonly Finding[] {
  const { redirectUri, status } = answer
  const url = bareUrl(answer.url)
  const evidence = {
    asked: redirectUri,
    status,
    ...(url !== bareUrl(new URL(redirectUri)) && { ledTo: url }),
  }
  if (status === 404)
    return [
      finding('callback_page', `Your web server answers ${redirectUri} with 404.`, {
        fix: 'Have it send index.html for the routes of the app (“SPA fallback”, “rewrite all to /index.html”).',
        evidence,
      }),
    ]
  if (status < 200 || status > 299)
    return [
      finding('callback_page', `Your web server answers ${redirectUri} with ${status}.`, {
        fix: 'Have it send the page of the app there.',
        evidence,
      }),
    ]
  const isElsewhere = !isRedirectAddress(answer.url, redirectUri)
  if (isElsewhere || !(answer.isFragment || answer.url.includes(PROBE))) {
    const how = isElsewhere ? '' : ' without the query'
    return [
      finding('callback_page', `Your web server redirects ${redirectUri} to ${url}${how}.`, {
        fix: 'Register the URL that it leads to and use it as redirectUri, or take the redirect away: the answer to a login would be lost.',
        evidence,
      }),
    ]
  }
  return [
    finding('callback_page', `The redirect URI answers: ${redirectUri}.`, { evidence }),
    checkCallbackFraming(answer),
  ]
}

function checkCallbackFraming(answer: CallbackAnswer): Finding {
  const { redirectUri } = answer
  const refusal = findFramingRefusal(answer, redirectUri, new URL(redirectUri).origin)
  if (!refusal) return finding('callback_framing', 'The redirect URI may be framed by the app.')
  // A server that answers by message does not lead the frame there.
  return finding('callback_framing', `The redirect URI refuses to be framed (${refusal}).`, {
    level: 'hint',
    fix: "For silent renewal by redirect, send frame-ancestors 'self' (X-Frame-Options: SAMEORIGIN) there, or give silentIframe a callbackUri of its own.",
    evidence: { header: refusal },
  })
}

/** What to add to a policy, so that a server may be framed or asked. */
export function cspFinding(
  id: 'csp_frame' | 'csp_connect',
  { directive, origins }: { readonly directive: string; readonly origins: readonly string[] },
): Finding {
  const name = id === 'csp_frame' ? 'frame-src' : 'connect-src'
  const line = [name, "'self'", ...new Set(origins)].join(' ')
  const forbidden = id === 'csp_frame' ? 'the hidden frame' : 'requests to the server'
  return finding(id, `The app’s content security policy forbids ${forbidden} (${directive}).`, {
    fix: `Have this in the policy: ${line}`,
    evidence: { directive, line },
  })
}

const TOLERANCE_SECONDS = 30
const DAY_SECONDS = 86_400

/**
 * The clock of this device against one that a server tells.
 *
 * @param aheadSeconds by how much this device is ahead
 */
export function checkClock(aheadSeconds: number, source: string): Finding {
  const seconds = Math.round(aheadSeconds)
  const size = Math.abs(seconds)
  const evidence = { aheadSeconds: seconds, source }
  if (size <= TOLERANCE_SECONDS)
    return finding('clock', `The clock is right, as ${source} has it.`, { evidence })
  return finding(
    'clock',
    `The clock of this device is ${size} s ${seconds > 0 ? 'ahead of' : 'behind'} that of ${source}.`,
    {
      level: size > DAY_SECONDS ? 'error' : 'hint',
      fix: 'Set the clock of the one that is wrong. Up to a day is allowed for.',
      evidence,
    },
  )
}

/** Whether app and server are on one site, which cookies in a frame depend on. */
export function checkSite(
  relation: 'same' | 'cross' | undefined,
  { app, issuer }: { readonly app: string; readonly issuer: string },
): Finding {
  const evidence = { app, issuer, relation: relation ?? 'unknown' }
  if (relation === 'same')
    return finding('site', 'App and server are on one site: its cookies reach a hidden frame.', {
      evidence,
    })
  const what =
    relation === 'cross'
      ? `App (${app}) and server (${issuer}) are on different sites: many browsers keep its cookies from a hidden frame.`
      : `It is not known whether app (${app}) and server (${issuer}) are on one site.`
  return finding('site', what, {
    level: 'hint',
    fix: 'Put the server on the app’s own site (login.example.com for app.example.com), or use renewal: [refreshToken(), silentIframe()].',
    evidence,
  })
}

/** Whether the app's origin may read an answer (CORS). */
export function corsFinding(
  id: 'cors_discovery' | 'cors_keys' | 'cors_token',
  {
    isAllowed,
    origin,
    asked,
    origins,
  }: {
    readonly isAllowed: boolean
    readonly origin: string
    readonly asked: string
    /** Where the origins are listed, in the words of the provider. */
    readonly origins: string
  },
): Finding {
  const evidence = { asked, origin }
  return isAllowed
    ? finding(id, `${origin} may read ${asked} (CORS).`, { evidence })
    : finding(id, `${origin} may not read ${asked}: it has no CORS header for this origin.`, {
        fix: `Add ${origin} to ${origins}.`,
        evidence,
      })
}
