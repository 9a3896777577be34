// Notices what Sotto does over the network: an app has no need of this.
/** A clock may be this coarse, and a listener this late. */
const SLACK_MS = 20
const requests = []
let taken = 0

const notice = (text) => requests.push({ text, at: performance.now() })

/** How many there have been: where a part begins that {@link requestsFrom} gives. */
export const countRequests = () => requests.length

export const requestsFrom = (start) => requests.slice(start).map(({ text }) => text)

/** Those of a renewal that has just ended, and took this long. */
export function takeRequests(durationMs) {
  const since = performance.now() - durationMs - SLACK_MS
  const fresh = requests.slice(taken).filter(({ at }) => at >= since)
  taken = requests.length
  return fresh.map(({ text }) => text)
}

/** A `fetch` that is noticed. */
export function noticedFetch(url, init) {
  notice(`${init?.method ?? 'GET'} ${new URL(url).pathname}`)
  return fetch(url, init)
}

new MutationObserver((mutations) => {
  for (const { addedNodes } of mutations) {
    for (const { nodeName, src } of addedNodes) {
      if (nodeName === 'IFRAME') notice(`GET ${new URL(src).pathname} in a frame`)
    }
  }
}).observe(document.body, { childList: true })
