import { createHash, randomBytes } from 'node:crypto'
import { findFramingRefusal } from '../explain/checks/content-security-policy.ts'
import { wordsOf } from '../explain/checks/provider.ts'
import { explain } from '../explain/explain.ts'
import { finding, type Finding } from '../explain/finding.ts'
import { cleanErrorValue, createOAuthError, NEEDS_LOGIN } from '../protocol/oauth-error.ts'
import { isRedirectAddress } from '../protocol/redirect-address.ts'
import { chooseResponseMode } from '../protocol/silent-response-mode.ts'
import type { Answer } from './ask.ts'
import { noAnswer, registerFix } from './remedies.ts'
import { createRequestUrl } from './request-url.ts'
import { endpointOf, type Patient } from './set-up.ts'

type Parameters = Readonly<Record<string, string>> & { readonly state: string }

/** A request, and what its answer must bring back. */
interface Sent {
  readonly request: URL
  readonly state: string
}

/**
 * Asks the authorization endpoint as a hidden frame does, without a session and without following
 * what comes: a redirect to the redirect URI means that the server knows the client and the URI.
 */
export async function checkAuthorization(patient: Patient): Promise<readonly Finding[]> {
  const endpoint = endpointOf(patient, 'authorization_endpoint')
  if (endpoint === undefined) return []
  const parameters = createParameters(patient)
  const request = await createRequestUrl(endpoint, parameters, patient)
  if (!(request instanceof URL)) return [request]
  const answer = await patient.ask(request.href, { redirect: 'manual' })
  if ('problem' in answer) return [noAnswer('authorization', 'authorization endpoint', answer)]
  const found = readAnswer(answer, patient, { request, state: parameters.state })
  if (found.level !== 'ok') return [found]
  return [found, ...(await checkFraming(endpoint, parameters, patient))]
}

function createParameters({ clientId, redirectUri, scope, audience }: Patient): Parameters {
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url')
  return {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: challenge,
    code_challenge_method: 'S256',
    prompt: 'none',
    ...(audience === undefined ? {} : { audience }),
  }
}

function readAnswer(answer: Answer, patient: Patient, { request, state }: Sent): Finding {
  const { redirectUri } = patient
  const location = answer.headers.get('location')
  const target =
    location !== null && URL.canParse(location, request) ? new URL(location, request) : undefined
  if (!target) return explainPage(answer, patient)
  const response = new URLSearchParams([
    ...target.searchParams,
    ...new URLSearchParams(target.hash.slice(1)),
  ])
  if (!isRedirectAddress(target.href, redirectUri))
    return explainLeaving(target, response.get('error') ?? undefined, patient)
  return explainResponse(response, patient, state)
}

/** The server sends users back: what does it say to them? */
function explainResponse(response: URLSearchParams, patient: Patient, state: string): Finding {
  const { redirectUri, clientId, scope, audience, metadata, provider } = patient
  const error = response.get('error')
  const evidence = { clientId, redirectUri, scope, audience, error: error ?? undefined }
  if (response.get('state') !== state)
    return finding('authorization', 'The server does not send "state" back as it came.', {
      fix: 'Report it to whoever runs the server: no answer can be accepted.',
      evidence,
    })
  const promised = metadata['authorization_response_iss_parameter_supported'] === true
  const iss = response.get('iss')
  if (iss === null ? promised : iss !== metadata['issuer'])
    return finding('authorization', `The answer names the issuer ${iss ?? '(none)'} (RFC 9207).`, {
      fix: 'Report it to whoever runs the server: such answers are refused.',
      evidence: { ...evidence, iss: iss ?? undefined },
    })
  if (error === null || NEEDS_LOGIN.test(error))
    return finding(
      'authorization',
      `The server knows the client ${clientId} and the redirect URI, and answers prompt=none${error === null ? '' : ` (${error})`}.`,
      { evidence },
    )
  const { what, fix } = explain(
    createOAuthError(
      { error, error_description: response.get('error_description') },
      'authorization_error',
      { secrets: [], evidence: { clientId, scope, ...(audience !== undefined && { audience }) } },
    ),
  )
  const hint = audience === undefined ? '' : ` The audience is ${wordsOf(provider).audience}.`
  return finding('authorization', what, { fix: fix + hint, evidence })
}

/** The server leads to a page of its own. */
function explainLeaving(target: URL, error: string | undefined, patient: Patient): Finding {
  const to = target.origin + target.pathname
  const evidence = {
    redirectUri: patient.redirectUri,
    ledTo: to,
    error: error === undefined ? undefined : cleanErrorValue(error),
  }
  if (error !== undefined)
    return finding('authorization', `The server leads to ${to} and says ${evidence.error}.`, {
      fix: registerFix(patient),
      evidence,
    })
  return finding(
    'authorization',
    `The server leads to ${to} in place of an answer to prompt=none.`,
    {
      level: 'hint',
      fix: 'If that is its login page, it does not know prompt=none: use renewal: [refreshToken()]. If it is an error page, look at it in a browser.',
      evidence,
    },
  )
}

/** The server shows a page: its error page, mostly, because it trusts no address to send it to. */
function explainPage({ status, body }: Answer, patient: Patient): Finding {
  const { clientId, redirectUri } = patient
  const title = /<title[^<>]*>([^<]*)/i.exec(body)?.[1] ?? ''
  const shown = title.replace(/\s+/g, ' ').trim().slice(0, 120)
  const evidence = { clientId, redirectUri, status, title: shown || undefined }
  if (status === 429 || status >= 500)
    return finding('authorization', `The authorization endpoint fails with the status ${status}.`, {
      fix: 'Try again, or ask whoever runs the server. Some fail so for prompt=none: use renewal: [refreshToken()] there.',
      evidence,
    })
  return finding(
    'authorization',
    `The server shows a page (status ${status}${shown && `, “${shown}”`}) in place of an answer to prompt=none.`,
    { fix: registerFix(patient), evidence },
  )
}

/** In the modes that answer by a page, that page must let the app frame it. */
async function checkFraming(
  endpoint: string,
  parameters: Parameters,
  patient: Patient,
): Promise<readonly Finding[]> {
  const { metadata, origin, provider } = patient
  const listed = metadata['response_modes_supported']
  const modes = Array.isArray(listed) ? (listed as string[]) : undefined
  const mode = modes?.includes('okta_post_message')
    ? 'okta_post_message'
    : chooseResponseMode(modes ? { response_modes_supported: modes } : {})
  // Without a list it is not known whether the mode is.
  if (!modes || !mode.endsWith('message')) return []
  const inMode = { ...parameters, response_mode: mode }
  const request = await createRequestUrl(endpoint, inMode, patient)
  if (!(request instanceof URL)) return []
  const answer = await patient.ask(request.href, { redirect: 'manual' })
  if ('problem' in answer) return []
  const refusal = findFramingRefusal(
    {
      xFrameOptions: answer.headers.get('x-frame-options'),
      contentSecurityPolicy: answer.headers.get('content-security-policy'),
    },
    request.href,
    origin,
  )
  const evidence = { mode, header: refusal }
  return [
    refusal === undefined
      ? finding('server_framing', `The server’s answer (${mode}) may be framed by ${origin}.`, {
          evidence,
        })
      : finding(
          'server_framing',
          `The server’s answer (${mode}) refuses to be framed: ${refusal}.`,
          {
            fix: `Add ${origin} to ${wordsOf(provider).origins}.`,
            evidence,
          },
        ),
  ]
}
