import type { ClientContext } from '../client/context.ts'
import { remainingMs } from '../session/token-cache.ts'
import { element, section } from './dom.ts'

/** The access tokens: for whom, for what, for how long. Never a token. */
export function tokensSection({ session }: ClientContext): HTMLElement {
  const entries = session.entries()
  if (!entries.length) return section('Access tokens', element('p', 'none', 'None.'))
  const rows = entries.map((entry) => {
    const leftMs = remainingMs(entry)
    const life = element('meter')
    Object.assign(life, { max: entry.lifeMs, value: leftMs, low: entry.lifeMs / 10 })
    const left = `${Math.max(0, Math.floor(leftMs / 1000))} s`
    return element(
      'tr',
      '',
      element('td', '', entry.audience ?? 'no audience'),
      element('td', '', entry.scope),
      element('td', 'type', entry.tokenType),
      element('td', 'left', life, left),
    )
  })
  const names = ['audience', 'scope', 'type', 'left'].map((name) => element('th', '', name))
  const table = element('table', '', element('tr', '', ...names), ...rows)
  return section('Access tokens', table)
}
