import type { ClientContext } from '../client/context.ts'
import { clockTime, element, section } from './dom.ts'

/** As many as one looks at. */
const SHOWN = 12

/**
 * What the page has asked the endpoints of the server, newest first, as the browser has timed it.
 * Never a query: it has a `state`, or a code, in it.
 */
export function requestsSection(
  { options, owner }: ClientContext,
  sent: readonly PerformanceResourceTiming[],
): HTMLElement {
  const endpoints = Object.values(owner.server.inHand?.metadata ?? {})
    .filter((value) => typeof value === 'string')
    .map(withoutQuery)
  const isAsked = ({ origin, pathname }: URL): boolean =>
    endpoints.includes(origin + pathname) ||
    origin + pathname === options.metadata ||
    (origin === new URL(options.issuer).origin && pathname.includes('/.well-known/'))
  const requests = sent
    .map((entry) => ({ entry, url: new URL(entry.name) }))
    .filter(({ url }) => isAsked(url))
    .slice(-SHOWN)
    .reverse()
  if (!requests.length) return section('Requests', element('p', 'none', 'None yet.'))
  const lines = requests.map(({ entry: { startTime, duration, initiatorType }, url }) =>
    element(
      'li',
      '',
      element('b', '', url.pathname),
      element('time', '', clockTime(performance.timeOrigin + startTime)),
      element('span', '', `${kindOf(initiatorType)} · ${Math.round(duration)} ms`),
    ),
  )
  return section('Requests', element('ol', '', ...lines))
}

function withoutQuery(url: string): string {
  return url.split('?')[0]!
}

function kindOf(initiatorType: string): string {
  return initiatorType === 'iframe' ? 'frame' : initiatorType
}
