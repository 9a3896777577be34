import { explain } from '../explain/explain.ts'
import { clockTime, element, section } from './dom.ts'
import type { LoggedEvent } from './event-log.ts'

/** What has happened, newest first, with the strategies that were tried. */
export function eventsSection(events: readonly LoggedEvent[]): HTMLElement {
  if (!events.length) return section('Events', element('p', 'none', 'None yet.'))
  return section('Events', element('ol', '', ...events.map(describe)))
}

function describe(event: LoggedEvent): HTMLElement {
  const { at, type, durationMs, attempts = [], outcome, code } = event
  const facts = [
    outcome === 'failure' ? outcome : undefined,
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
    levelOf(event),
    element('b', '', type),
    element('time', '', clockTime(at)),
    element('span', '', facts.join(' · ')),
    ...(tried.length ? [element('ul', '', ...tried)] : []),
    ...(code === undefined ? [] : [element('p', '', inWords(event))]),
  )
}

function levelOf({ type, outcome, code }: LoggedEvent): string {
  // No failure: it is how the server says that no user is signed in.
  if (code === 'login_required') return ''
  if (type === 'warning' || code !== undefined || outcome === 'failure') return 'bad'
  return type === 'renewal' ? 'good' : ''
}

/** A renewal has its reason in the attempt that it failed with. */
function inWords({ type, code, attempts = [], ...event }: LoggedEvent): string {
  const reason = event.reason ?? attempts.find((attempt) => attempt.code === code)?.reason
  // A code may mean something else as a warning.
  return explain({ ...(type !== 'warning' && { name: 'AuthError' }), code, reason }).what
}
