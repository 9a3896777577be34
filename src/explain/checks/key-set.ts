import { bareUrl } from '../../protocol/evidence.ts'
import { isKeySet } from '../../protocol/json-web-keys.ts'
import { finding, type Finding, type FindingEvidence } from '../finding.ts'
import { readObject } from './json-object.ts'
import { wordsOf, type Provider } from './provider.ts'

/**
 * The key set, which signatures are checked with.
 *
 * @param body of the answer; undefined where there was none
 * @param url where the request ended: a client follows no redirect to another origin
 */
export function checkKeySet(
  {
    asked,
    body,
    url = asked,
    ...seen
  }: FindingEvidence & { readonly asked: string; readonly body?: string; readonly url?: string },
  provider: Provider | undefined,
): Finding {
  const evidence = { asked, ...seen }
  if (new URL(url).origin !== new URL(asked).origin)
    return finding('keys', `${asked} leads to another origin: ${bareUrl(url)}.`, {
      fix: 'A client does not follow. Have jwks_uri in the metadata name the place itself.',
      evidence: { ...evidence, ledTo: bareUrl(url) },
    })
  const keySet = readObject(body ?? '')
  if (!isKeySet(keySet))
    return finding('keys', `At ${asked} is no key set.`, {
      fix: 'Compare jwks_uri in the metadata with where the server is.',
      evidence,
    })
  const count = keySet.keys.filter(({ kty }) => kty !== 'oct').length
  if (!count)
    return finding('keys', 'The key set has no public key in it.', {
      fix: `Give the server a key to sign with (${wordsOf(provider).signing}).`,
      evidence,
    })
  return finding('keys', `The key set has public keys: ${count}.`, { evidence })
}
