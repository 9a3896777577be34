// Notices every request that Sotto makes: an app has no need of this.
let seen = []
let report = () => {}

/** Forgets what was seen, and returns the list that fills from now on. */
export function countRequests() {
  seen = []
  return seen
}

export function onRequest(listener) {
  report = listener
}

/** A `fetch` that is noticed. */
export function noticedFetch(url, init) {
  notice(`${init?.method ?? 'GET'} ${new URL(url).pathname}`)
  return fetch(url, init)
}

function notice(request) {
  seen.push(request)
  report(request)
}

new MutationObserver((mutations) => {
  for (const { addedNodes } of mutations) {
    for (const { nodeName, src } of addedNodes) {
      if (nodeName === 'IFRAME') notice(`GET ${new URL(src).pathname} in a hidden frame`)
    }
  }
}).observe(document.body, { childList: true })
