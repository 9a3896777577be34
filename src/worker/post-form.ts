import type { SendRequest } from './messages.ts'
import { readText } from './read-text.ts'

/** An answer of a server, whole. */
export interface ServerAnswer {
  /** 0 for a redirect, which is not followed. */
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What a grant may have: whatever else a page says is left out. */
const HEADERS = /^(accept|content-type|dpop)$/

/**
 * Posts a form from the worker: without cookies, and no redirect is followed.
 *
 * @throws where no answer came
 */
export async function postForm(
  send: typeof fetch,
  {
    url,
    headers,
    keepalive,
    timeoutMs,
  }: Pick<SendRequest, 'url' | 'headers' | 'keepalive' | 'timeoutMs'>,
  form: URLSearchParams,
): Promise<ServerAnswer> {
  const response = await send(url, {
    method: 'POST',
    headers: headers
      .filter(([name]) => HEADERS.test(name))
      .map(([name, value]): [string, string] => [name, value]),
    body: form,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'manual',
    referrerPolicy: 'no-referrer',
    keepalive,
    signal: AbortSignal.timeout(timeoutMs),
  })
  return { status: response.status, headers: response.headers, text: await readText(response) }
}
