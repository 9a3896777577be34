import { getDomain } from 'tldts'

/**
 * Whether two URLs are on one site, as browsers judge it: the same scheme, and the same registrable
 * domain by the public suffix list.
 */
export function siteRelation(one: string, other: string): 'same' | 'cross' {
  const [a, b] = [new URL(one), new URL(other)]
  return a.protocol === b.protocol && siteOf(a.hostname) === siteOf(b.hostname) ? 'same' : 'cross'
}

/** An address or a name without dots is a site of its own. */
function siteOf(hostname: string): string {
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname
}
