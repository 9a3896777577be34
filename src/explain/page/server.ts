import type { ClientContext } from '../../client/context.ts'
import { AuthError } from '../../errors.ts'
import { bareUrl } from '../../protocol/evidence.ts'
import { isSecureUrl } from '../../protocol/url.ts'
import { corsFinding, cspFinding } from '../checks/app-page.ts'
import { readObject } from '../checks/json-object.ts'
import { checkKeySet } from '../checks/key-set.ts'
import { checkDiscovered, checkMetadata, type Metadata } from '../checks/metadata.ts'
import { recognizeProvider, wordsOf } from '../checks/provider.ts'
import { bogusTokenRequest, checkTokenAnswer } from '../checks/token-endpoint.ts'
import { finding, type Finding, type FindingId } from '../finding.ts'
import { inWords } from './environment.ts'
import type { Answered, Probe, Probed } from './probe.ts'

/** The server, as far as this page can ask it. */
export async function checkServer(
  { issuer, clientId, scope, metadata: given, par }: Options,
  redirectUri: string,
  probe: Probe,
): Promise<readonly Finding[]> {
  const { metadata, findings } = await readMetadata(issuer, given, probe)
  if (!metadata) return findings
  const provider = recognizeProvider(issuer, metadata)
  const origins = wordsOf(provider).origins
  const ask = async (
    id: 'cors_keys' | 'cors_token',
    name: string,
    init: RequestInit,
    read: (url: string, answer: Answered) => Finding,
  ): Promise<readonly Finding[]> => {
    const url = metadata[name]
    if (!isSecureUrl(url)) return []
    const asked = String(url)
    const answer = await probe(asked, init)
    const readability = explainReadability(id, { asked, answer, origins })
    return 'problem' in answer ? readability : [...readability, read(asked, answer)]
  }
  const others = await Promise.all([
    ask('cors_keys', 'jwks_uri', {}, (asked, { status, body, url }) =>
      checkKeySet({ asked, url, status, ...(status === 200 && { body }) }, provider),
    ),
    ask(
      'cors_token',
      'token_endpoint',
      { method: 'POST', body: bogusTokenRequest(clientId, redirectUri) },
      (url, { status, body }) => checkTokenAnswer({ url, status, body }, provider),
    ),
  ])
  const known = { issuer, scope, provider, pushesRequests: par !== undefined }
  return [...findings, ...checkMetadata(metadata, known), ...others.flat()]
}

type Options = ClientContext['options']

const WELL_KNOWN = '/.well-known/openid-configuration'

async function readMetadata(
  issuer: string,
  given: Options['metadata'],
  probe: Probe,
): Promise<{ readonly metadata?: Metadata; readonly findings: readonly Finding[] }> {
  if (typeof given === 'object') return { metadata: { ...given }, findings: [] }
  // Where it is the URL of the metadata, they say which issuer to set.
  const ofIssuer = issuer.endsWith(WELL_KNOWN) ? issuer : issuer.replace(/\/?$/, WELL_KNOWN)
  const asked = given ?? ofIssuer
  const answer = await probe(asked)
  const { origins } = wordsOf(recognizeProvider(issuer))
  const readability = explainReadability('cors_discovery', { asked, answer, origins })
  if ('problem' in answer) return { findings: readability }
  const fail = (error: AuthError): { readonly findings: readonly Finding[] } => ({
    findings: [...readability, finding('discovery', ...inWords(error))],
  })
  const { status, body, url } = answer
  const evidence = { asked: bareUrl(asked) }
  if (status !== 200) return fail(new AuthError('discovery_failed', { status, evidence }))
  const metadata = readObject(body)
  if (!metadata) return fail(new AuthError('discovery_invalid', { reason: 'json', evidence }))
  return { metadata, findings: [checkDiscovered(asked, url), ...readability] }
}

const WHERE: Readonly<Record<'cors_discovery' | 'cors_keys' | 'cors_token', FindingId>> = {
  cors_discovery: 'discovery',
  cors_keys: 'keys',
  cors_token: 'token_endpoint',
}

/** Whether there was an answer that this page may read, and if not, what is in the way. */
function explainReadability(
  id: 'cors_discovery' | 'cors_keys' | 'cors_token',
  { asked, answer, origins }: { asked: string; answer: Probed; origins: string },
): readonly Finding[] {
  const { origin } = location
  if (!('problem' in answer) || answer.problem === 'cors') {
    const isAllowed = !('problem' in answer)
    const found = corsFinding(id, { isAllowed, origin, asked: bareUrl(asked), origins })
    // The page may not see whether it is a 404, which mostly has no CORS headers either.
    const isUnknown = !isAllowed && id === 'cors_discovery'
    const first = `Open ${bareUrl(asked)} in a browser. If no JSON comes, the issuer is wrong. If it does: `
    return [isUnknown ? { ...found, fix: `${first}${found.fix}` } : found]
  }
  if (answer.problem === 'csp') {
    const { directive } = answer
    return [cspFinding('csp_connect', { directive, origins: [new URL(asked).origin] })]
  }
  const evidence = { asked: bareUrl(asked), problem: answer.problem }
  const late = answer.problem === 'timeout'
  return [
    finding(WHERE[id], `${bareUrl(asked)} ${late ? 'does not answer in time' : 'is not there'}.`, {
      fix: 'Check the spelling of the host and the port, and whether the server is up. A terminal says more: npx sotto doctor.',
      evidence,
    }),
  ]
}
