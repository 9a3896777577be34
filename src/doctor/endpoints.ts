import { corsFinding } from '../explain/checks/app-page.ts'
import { checkKeySet } from '../explain/checks/key-set.ts'
import { wordsOf } from '../explain/checks/provider.ts'
import { bogusTokenRequest, checkTokenAnswer } from '../explain/checks/token-endpoint.ts'
import type { Finding } from '../explain/finding.ts'
import { allowsOrigin, type Answer } from './ask.ts'
import { noAnswer } from './remedies.ts'
import { endpointOf, type Patient } from './set-up.ts'

/** Whether an answer may be read by the app's pages; CORS binds browsers only, not this program. */
export function checkCors(
  id: 'cors_discovery' | 'cors_keys' | 'cors_token',
  answer: Answer,
  { origin, provider }: Patient,
): Finding {
  const isAllowed = allowsOrigin(answer, origin)
  return corsFinding(id, {
    isAllowed,
    origin,
    asked: answer.asked,
    origins: wordsOf(provider).origins,
  })
}

/** The token endpoint: does it take a client without a secret, and may its answer be read? */
export async function checkTokenEndpoint(patient: Patient): Promise<readonly Finding[]> {
  const url = endpointOf(patient, 'token_endpoint')
  if (url === undefined) return []
  const { clientId, redirectUri, origin, provider } = patient
  const answer = await patient.ask(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin },
    body: bogusTokenRequest(clientId, redirectUri),
  })
  if ('problem' in answer) return [noAnswer('token_endpoint', 'token endpoint', answer)]
  const { status, body } = answer
  return [
    checkTokenAnswer({ url, status, body }, provider),
    checkCors('cors_token', answer, patient),
  ]
}

/** The key set, which signatures are checked with. */
export async function checkKeys(patient: Patient): Promise<readonly Finding[]> {
  const url = endpointOf(patient, 'jwks_uri')
  if (url === undefined) return []
  const answer = await patient.ask(url, { headers: { origin: patient.origin } })
  if ('problem' in answer)
    return [checkKeySet({ asked: url, problem: answer.detail }, patient.provider)]
  const { status, body, url: ended } = answer
  return [
    checkKeySet(
      { asked: url, url: ended, status, ...(status === 200 && { body }) },
      patient.provider,
    ),
    checkCors('cors_keys', answer, patient),
  ]
}
