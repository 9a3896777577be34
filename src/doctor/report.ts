import { styleText } from 'node:util'
import { formatFindings, type FindingLevel } from '../explain/finding.ts'
import type { Diagnosis } from './doctor.ts'
import type { SetUp } from './set-up.ts'

const FORMATS = {
  ok: 'green',
  hint: 'yellow',
  error: 'red',
  docs: 'dim',
} as const satisfies Record<FindingLevel | 'docs', unknown>

/** Findings for a person. */
export function reportAsText(
  { issuer, clientId, redirectUri }: SetUp,
  { provider, findings }: Diagnosis,
  hasColor: boolean,
): string {
  const heading = [
    `Issuer        ${issuer}${provider === undefined ? '' : `  (${provider})`}`,
    `Client        ${clientId}`,
    `Redirect URI  ${redirectUri}`,
  ]
  const paint = (text: string, as: FindingLevel | 'docs'): string =>
    hasColor ? styleText(FORMATS[as], text) : text
  return `${heading.join('\n')}\n\n${formatFindings(findings, paint)}\n`
}

/** Findings for a program. */
export function reportAsJson(setUp: SetUp, { provider, findings }: Diagnosis): string {
  return `${JSON.stringify({ ...setUp, provider, findings }, undefined, 2)}\n`
}
