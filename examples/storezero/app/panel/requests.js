// Notices what Sotto does over the network: an app has no need of this.
const recordings = new Set()
let lastRenewal

const notice = (request) => recordings.forEach((recording) => recording.push(request))

/** Starts a list that fills until `stop` is called with it. */
export function record() {
  const recording = []
  recordings.add(recording)
  return recording
}

export const stop = (recording) => recordings.delete(recording)

/** A `fetch` that is noticed. */
export function noticedFetch(url, init) {
  notice(`${init?.method ?? 'GET'} ${new URL(url).pathname}`)
  return fetch(url, init)
}

/** The same strategy, and how it went is remembered. */
export function noteStrategy(name, strategy) {
  return async (...call) => {
    const requests = record()
    try {
      return await strategy(...call)
    } finally {
      stop(requests)
      lastRenewal = { strategy: name, requests }
    }
  }
}

/** How the renewal was done that has just ended; nothing where another tab did it. */
export function takeRenewal() {
  const taken = lastRenewal
  lastRenewal = undefined
  return taken
}

new MutationObserver((mutations) => {
  for (const { addedNodes } of mutations) {
    for (const { nodeName, src } of addedNodes) {
      if (nodeName === 'IFRAME') notice(`GET ${new URL(src).pathname} in a frame`)
    }
  }
}).observe(document.body, { childList: true })
