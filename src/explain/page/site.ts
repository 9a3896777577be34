/**
 * Whether a server is on the site of this page. The browser has the public suffix list and takes no
 * cookie for a public suffix: the shortest domain that it takes one for is the site. The cookie is
 * gone at once.
 *
 * @param mayTry whether a cookie may be set
 * @returns undefined where the browser takes no cookie at all
 */
export function siteRelation(issuer: string, mayTry: boolean): 'same' | 'cross' | undefined {
  const { protocol, hostname } = new URL(issuer)
  if (protocol !== location.protocol) return 'cross'
  if (hostname === location.hostname) return 'same'
  const site = siteOf(location.hostname, mayTry)
  if (site === undefined) return undefined
  return hostname === site || hostname.endsWith(`.${site}`) ? 'same' : 'cross'
}

function siteOf(host: string, mayTry: boolean): string | undefined {
  const labels = host.split('.')
  // An address, or a name of this machine or network.
  if (labels.length < 2 || /^[\d.]+$/.test(host)) return host
  if (!mayTry) return undefined
  const domains = labels.map((_, index) => labels.slice(index).join('.')).reverse()
  return domains.find(takesCookie)
}

function takesCookie(domain: string): boolean {
  const name = 'sotto-diagnosis'
  document.cookie = `${name}=1; Domain=${domain}; Path=/; SameSite=Lax`
  const isTaken = document.cookie.includes(`${name}=1`)
  document.cookie = `${name}=; Domain=${domain}; Path=/; Max-Age=0`
  return isTaken
}
