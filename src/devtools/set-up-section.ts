import type { ClientContext } from '../client/context.ts'
import { pairs, section } from './dom.ts'

/** What the client is set to, and which session this is; `tabs` show the panel. */
export function setUpSection(
  { session, options }: ClientContext,
  tabs: number | undefined,
): HTMLElement {
  const { generation, sessionParams } = session.epoch
  const rows: (readonly [string, string])[] = [
    ['issuer', options.issuer],
    ['client', options.clientId],
    ['renewal', options.renewal.map(({ label }) => label ?? 'custom').join(', ')],
    ['stored', options.tokenStorage.kind],
  ]
  if (tabs !== undefined) rows.push(['tabs with this panel', String(tabs)])
  // The beginning is enough to tell two sessions apart.
  if (generation) rows.push(['session', generation.slice(0, 8)])
  if (sessionParams) rows.push(['session parameters', Object.keys(sessionParams).join(', ')])
  return section('Set-up', pairs(rows))
}
