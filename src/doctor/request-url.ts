import { readObject } from '../explain/checks/json-object.ts'
import { explain } from '../explain/explain.ts'
import { finding, type Finding } from '../explain/finding.ts'
import { cleanErrorValue, createOAuthError } from '../protocol/oauth-error.ts'
import { noAnswer, registerFix } from './remedies.ts'
import { endpointOf, type Patient } from './set-up.ts'

/**
 * The address of an authorization request. A server that takes no other is handed the parameters
 * first (RFC 9126, section 2); a finding where it does not take them.
 */
export async function createRequestUrl(
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
  patient: Patient,
): Promise<URL | Finding> {
  const url = new URL(endpoint)
  const isPushed = patient.metadata['require_pushed_authorization_requests'] === true
  const given = isPushed ? await push(parameters, patient) : parameters
  if ('level' in given) return given as Finding
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, value)
  return url
}

async function push(
  parameters: Readonly<Record<string, string>>,
  patient: Patient,
): Promise<Readonly<Record<string, string>> | Finding> {
  const { clientId, redirectUri, ask } = patient
  const asked = endpointOf(patient, 'pushed_authorization_request_endpoint')
  if (asked === undefined)
    return finding('authorization', 'The metadata name no endpoint for pushed requests.', {
      fix: 'Ask whoever runs the server: it says that it takes no others (RFC 9126).',
    })
  const body = new URLSearchParams(parameters)
  const answer = await ask(asked, { method: 'POST', redirect: 'manual', body })
  const evidence = { asked, clientId, redirectUri }
  if ('problem' in answer) return noAnswer('authorization', 'endpoint for pushed requests', answer)
  const { request_uri, error, ...rest } = readObject(answer.body) ?? {}
  if (typeof request_uri === 'string') return { client_id: clientId, request_uri }
  const { status } = answer
  if (typeof error !== 'string')
    return finding('authorization', `A pushed request is answered with the status ${status}.`, {
      fix: 'Ask whoever runs the server.',
      evidence: { ...evidence, status },
    })
  const secrets = { secrets: [], status, evidence: { clientId, redirectUri } }
  const { what } = explain(createOAuthError({ error, ...rest }, 'authorization_error', secrets))
  return finding('authorization', what, {
    fix: registerFix(patient),
    evidence: { ...evidence, status, error: cleanErrorValue(error) },
  })
}
