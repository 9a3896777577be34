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
    life.setAttribute('aria-label', 'time left')
    const left = `${Math.max(0, Math.floor(leftMs / 1000))} s`
    return element(
      'li',
      '',
      element('b', '', entry.audience ?? 'no audience'),
      element('time', 'left', left),
      life,
      element('span', '', `${entry.tokenType} · ${entry.scope}`),
    )
  })
  return section('Access tokens', element('ol', 'tokens', ...rows))
}
