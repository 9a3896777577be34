/** An answer to a request of the doctor. */
export interface Answer {
  /** What was asked, without its query. */
  readonly asked: string
  /** Where it ended, redirects followed. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  /** At most the first mebibyte. */
  readonly body: string
}

/** Why there was none. */
export interface NoAnswer {
  readonly asked: string
  readonly problem: 'dns' | 'refused' | 'tls' | 'timeout' | 'network'
  /** The word of the system for it, for instance `ECONNREFUSED`. */
  readonly detail: string
}

/** Sends one request; what fails is an answer too. */
export type Ask = (url: string, init?: RequestInit) => Promise<Answer | NoAnswer>

const MAX_CHARACTERS = 1_048_576

/** @param timeoutMs for each request, its body included */
export function createAsk(timeoutMs: number): Ask {
  return async (url, init) => {
    const asked = url.split(/[?#]/)[0] ?? url
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, { ...init, signal })
      const { status, headers } = response
      return { asked, url: response.url || url, status, headers, body: await readBody(response) }
    } catch (error) {
      return { asked, ...classify(error) }
    }
  }
}

async function readBody({ body }: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of body ?? []) {
    text += decoder.decode(part, { stream: true })
    if (text.length > MAX_CHARACTERS) break
  }
  return text.slice(0, MAX_CHARACTERS)
}

/** Node says in the cause what `fetch` itself does not. */
function classify(error: unknown): Pick<NoAnswer, 'problem' | 'detail'> {
  const { name, cause } = Object(error) as { readonly name?: string; readonly cause?: unknown }
  if (name === 'TimeoutError') return { problem: 'timeout', detail: 'no answer in time' }
  const { code } = Object(cause) as { readonly code?: unknown }
  const detail = typeof code === 'string' ? code : 'no connection'
  if (/^(ENOTFOUND|EAI_AGAIN|ENODATA)$/.test(detail)) return { problem: 'dns', detail }
  if (detail === 'ECONNREFUSED') return { problem: 'refused', detail }
  // Not all that fails in TLS is a certificate: a server may speak http at that port.
  if (/CERT|SIGNED|VERIFY/.test(detail)) return { problem: 'tls', detail }
  return { problem: 'network', detail }
}

/** Whether pages of an origin may read an answer (Fetch Standard, CORS protocol). */
export function allowsOrigin({ headers }: Answer, origin: string): boolean {
  return ['*', origin].includes(headers.get('access-control-allow-origin') ?? '')
}
