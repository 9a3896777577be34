/** An answer that the page may read. */
export interface Answered {
  readonly status: number
  readonly body: string
  /** Where it ended, redirects followed. */
  readonly url: string
  readonly headers: Headers
}

/** What a page gets of a request to a server. */
export type Probed =
  | Answered
  /** A policy of the page forbids it. */
  | { readonly problem: 'csp'; readonly directive: string }
  /** It is answered, and the page may not read the answer. */
  | { readonly problem: 'cors' }
  | { readonly problem: 'unreachable' | 'timeout' }

export type Probe = (url: string, init?: RequestInit) => Promise<Probed>

/** A browser reports a violation a little after the request has failed. */
const REPORT_MS = 50

/** @param send the client's own `fetch` */
export function createProbe(send: typeof fetch, timeoutMs: number): Probe {
  async function request(url: string, init: RequestInit): Promise<Answered> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), timeoutMs)
    const { signal } = deadline
    const plain = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' } as const
    try {
      const response = await send(url, { ...plain, ...init, signal })
      const { status, headers, redirected } = response
      // What an app's `fetch` or a service worker has asked in its place is no redirect.
      const ended = (redirected && response.url) || url
      return { status, headers, url: ended, body: await response.text() }
    } catch (error) {
      throw signal.aborted ? TIMEOUT : error
    } finally {
      clearTimeout(timer)
    }
  }

  return async (url, init = {}) => {
    const violations = watchViolations(url)
    try {
      return await request(url, init)
    } catch (error) {
      if (error === TIMEOUT) return { problem: 'timeout' }
      await new Promise((resolve) => setTimeout(resolve, REPORT_MS))
      const directive = violations.find()
      if (directive !== undefined) return { problem: 'csp', directive }
      // Without CORS an answer says nothing, but that there is one.
      const isThere = await request(url, { ...init, mode: 'no-cors' }).then(
        () => true,
        () => false,
      )
      return { problem: isThere ? 'cors' : 'unreachable' }
    } finally {
      violations.end()
    }
  }
}

const TIMEOUT = /* @__PURE__ */ Symbol('timeout')

/** What the page's policy says of requests to a URL, while they are under way. */
function watchViolations(url: string): {
  readonly find: () => string | undefined
  readonly end: () => void
} {
  let directive: string | undefined
  const look = (violation: SecurityPolicyViolationEvent): void => {
    const { disposition, effectiveDirective, blockedURI } = violation
    // Some browsers report the URL, some its origin.
    const isIt = blockedURI !== '' && url.startsWith(blockedURI)
    if (disposition === 'enforce' && isIt && effectiveDirective === 'connect-src')
      directive = effectiveDirective
  }
  document.addEventListener('securitypolicyviolation', look)
  return {
    find: () => directive,
    end: () => document.removeEventListener('securitypolicyviolation', look),
  }
}
