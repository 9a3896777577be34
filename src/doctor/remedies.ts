import { wordsOf } from '../explain/checks/provider.ts'
import { finding, type Finding, type FindingId } from '../explain/finding.ts'
import type { NoAnswer } from './ask.ts'
import type { Patient } from './set-up.ts'

/** An endpoint of the metadata that nothing answers at. */
export function noAnswer(id: FindingId, endpoint: string, { asked, detail }: NoAnswer): Finding {
  return finding(id, `The ${endpoint} gives no answer (${detail}).`, {
    fix: 'Compare the URL in the metadata with where the server is.',
    evidence: { asked, problem: detail },
  })
}

/** For a server that does not know the client, or its redirect URI. */
export function registerFix({ clientId, redirectUri, provider }: Patient): string {
  return `Check the client ID ${clientId}, and add ${redirectUri}, character for character, to ${wordsOf(provider).redirectUris}.`
}
