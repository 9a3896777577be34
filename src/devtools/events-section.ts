import { recordedEvents, type RecordedEvent } from '../explain/record-events.ts'
import { element, section } from './dom.ts'

/** As many as one looks at. */
const SHOWN = 30

/** What has happened, newest first, with the strategies that were tried. */
export function eventsSection(auth: object): HTMLElement {
  const events = recordedEvents(auth).slice(-SHOWN).reverse()
  if (!events.length) return section('Events', element('p', 'none', 'None yet.'))
  return section('Events', element('ol', '', ...events.map(describe)))
}

function describe(event: RecordedEvent): HTMLElement {
  const { atMs, type, durationMs, attempts = [], outcome, code } = event
  const isBad = outcome === 'failure' || type === 'warning' || code !== undefined
  const facts = [
    event.status,
    event.strategy,
    code,
    event.reason,
    event.audience,
    event.scope,
    durationMs === undefined ? undefined : `${durationMs} ms`,
  ].filter((fact) => fact !== undefined)
  const tried = attempts.map(({ strategy, code: why, reason }) =>
    element('li', '', [strategy, why, reason].filter(Boolean).join(' · ')),
  )
  return element(
    'li',
    isBad ? 'bad' : '',
    element('time', '', `${(atMs / 1000).toFixed(1)} s`),
    element('b', '', type),
    element('span', '', facts.join(' · ')),
    ...(tried.length ? [element('ul', '', ...tried)] : []),
  )
}
