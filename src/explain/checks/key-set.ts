import { isKeySet } from '../../protocol/json-web-keys.ts'
import { finding, type Finding, type FindingEvidence } from '../finding.ts'
import { readObject } from './json-object.ts'
import { wordsOf, type Provider } from './provider.ts'

/**
 * The key set, which signatures are checked with.
 *
 * @param body of the answer; undefined where there was none
 */
export function checkKeySet(
  { asked, body, ...seen }: FindingEvidence & { readonly asked: string; readonly body?: string },
  provider: Provider | undefined,
): Finding {
  const evidence = { asked, ...seen }
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
