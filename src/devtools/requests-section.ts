import type { ClientContext } from '../client/context.ts'
import { isSecureUrl } from '../protocol/url.ts'
import { element, section } from './dom.ts'

/** As many as one looks at. */
const SHOWN = 12

/**
 * What the page has asked the server, newest first, as the browser has timed it. Never a query: it
 * has a `state`, or a code, in it.
 */
export function requestsSection({ options, owner }: ClientContext): HTMLElement {
  const { authorization_endpoint, token_endpoint, jwks_uri } = owner.server.inHand?.metadata ?? {}
  const origins = [options.issuer, authorization_endpoint, token_endpoint, jwks_uri]
    .filter((url) => isSecureUrl(url))
    .map((url) => new URL(url!).origin)
  const requests = performance
    .getEntriesByType('resource')
    .map((entry) => ({ entry: entry as PerformanceResourceTiming, url: new URL(entry.name) }))
    .filter(({ url }) => origins.includes(url.origin))
    .slice(-SHOWN)
    .reverse()
  if (!requests.length) return section('Requests', element('p', 'none', 'None yet.'))
  const lines = requests.map(({ entry: { startTime, duration, initiatorType }, url }) =>
    element(
      'li',
      '',
      element('time', '', `${(startTime / 1000).toFixed(1)} s`),
      element('b', '', initiatorType === 'iframe' ? 'frame' : initiatorType),
      element('span', '', `${url.pathname} · ${Math.round(duration)} ms`),
    ),
  )
  return section('Requests', element('ol', '', ...lines))
}
