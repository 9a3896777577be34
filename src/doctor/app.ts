import { checkCallbackPage, cspFinding, withProbe } from '../explain/checks/app-page.ts'
import {
  findForbidding,
  parsePolicies,
  type Policy,
} from '../explain/checks/content-security-policy.ts'
import { finding, type Finding } from '../explain/finding.ts'
import type { Answer } from './ask.ts'
import { endpointOf, type Patient } from './set-up.ts'

/** The app as its web server sends it: the redirect URI, and what its headers allow. */
export async function checkApp(patient: Patient, app: string): Promise<readonly Finding[]> {
  const { ask, redirectUri } = patient
  const headers = { accept: 'text/html' }
  const [page, callback] = await Promise.all([
    ask(app, { headers }),
    ask(withProbe(redirectUri), { headers }),
  ])
  for (const answer of [page, callback])
    if ('problem' in answer)
      return [
        finding('callback_page', `${answer.asked} gives no answer (${answer.detail}).`, {
          fix: 'Start the app, or leave --app out.',
          evidence: { asked: answer.asked, problem: answer.detail },
        }),
      ]
  if ('problem' in page || 'problem' in callback) return []
  return [
    ...checkCallbackPage({
      redirectUri,
      status: callback.status,
      url: callback.url,
      xFrameOptions: callback.headers.get('x-frame-options'),
      contentSecurityPolicy: callback.headers.get('content-security-policy'),
    }),
    ...checkPolicy(page, patient, app),
    checkIsolation(page),
  ]
}

/** `<meta http-equiv>` counts as the header does; frameworks write its quotes as entities. */
function policiesOf({ headers, body }: Answer): readonly Policy[] {
  const metas = withoutComments(body).match(/<meta\s[^<>]*>/gi) ?? []
  const contents = metas
    .filter((tag) => /http-equiv\s*=\s*["']?content-security-policy\b(?!-)/i.test(tag))
    .map((tag) => /\scontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag))
    .map((match) => (match?.[1] ?? match?.[2] ?? '').replace(/&(#39|#x27|apos);/gi, "'"))
  return [headers.get('content-security-policy'), ...contents].flatMap(parsePolicies)
}

function withoutComments(html: string): string {
  const [first = '', ...others] = html.split('<!--')
  return first + others.map((part) => part.split('-->').slice(1).join('-->')).join('')
}

/** What a hidden frame and the requests need of the app's content security policy. */
function checkPolicy(page: Answer, patient: Patient, app: string): readonly Finding[] {
  const policies = policiesOf(page)
  const url = (name: string): readonly string[] => [endpointOf(patient, name) ?? []].flat()
  const ask = (
    id: 'csp_frame' | 'csp_connect',
    names: readonly string[],
    urls: readonly string[],
  ): Finding => {
    const directive = urls.map((one) => findForbidding(policies, names, one, app)).find(Boolean)
    const origins = urls.map((one) => new URL(one).origin).filter((one) => one !== patient.origin)
    return directive === undefined
      ? finding(
          id,
          id === 'csp_frame'
            ? 'The app’s content security policy allows the hidden frame.'
            : 'The app’s content security policy allows requests to the server.',
        )
      : cspFinding(id, { directive, origins })
  }
  return [
    ask(
      'csp_frame',
      ['frame-src', 'child-src', 'default-src'],
      [...url('authorization_endpoint'), patient.redirectUri],
    ),
    ask(
      'csp_connect',
      ['connect-src', 'default-src'],
      [patient.metadataUrl, ...url('token_endpoint'), ...url('jwks_uri')],
    ),
  ]
}

function checkIsolation({ headers }: Answer): Finding {
  const embedder = headers.get('cross-origin-embedder-policy') ?? ''
  const opener = headers.get('cross-origin-opener-policy') ?? ''
  const isIsolated =
    /^(require-corp|credentialless)\b/.test(embedder) && /^same-origin\b(?!-)/.test(opener)
  if (!isIsolated) return finding('isolation', 'The app is not cross-origin isolated.')
  return finding('isolation', 'The app is cross-origin isolated: a hidden frame gets no answer.', {
    fix: 'Serve it without Cross-Origin-Embedder-Policy, or use renewal: [refreshToken()].',
    evidence: { embedder, opener },
  })
}
