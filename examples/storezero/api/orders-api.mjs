// The shop's API: an origin of its own, which knows nothing of sessions and believes only a valid
// access token.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createTokenCheck, Refusal } from './access-token.mjs'
import { createOrderBook } from './orders.mjs'

const LONGEST_BODY = 10_000
/** How long ago whoever orders may have signed in. */
const MAX_AGE_SECONDS = 300

/**
 * @param {object} options
 * @param {number} options.port the API's origin is http://localhost with this port, and the
 *   audience of its tokens
 * @param {string} options.issuer the authorization server whose tokens are good here
 * @param {string[]} options.shops the origins that may read answers (CORS)
 * @param {() => number} [options.now] the time, in milliseconds since the epoch
 */
export async function serveOrdersApi({ port, issuer, shops, now = Date.now }) {
  const audience = `http://localhost:${port}`
  const checkToken = createTokenCheck({ issuer, audience, scope: 'orders' })
  const book = createOrderBook()

  async function answer(message) {
    const request = new Request(`${audience}${message.url}`, {
      method: message.method,
      headers: message.headers.authorization
        ? { authorization: message.headers.authorization }
        : {},
    })
    if (request.method === 'OPTIONS') return { status: 204 }
    if (new URL(request.url).pathname !== '/orders') return { status: 404 }
    const { sub, auth_time: authTime } = await checkToken(request)
    if (request.method === 'GET') return { status: 200, body: { orders: book.list(sub) } }
    if (request.method !== 'POST') return { status: 405 }
    if (authTime + MAX_AGE_SECONDS < now() / 1000) throw createStepUp()
    const order = book.place(sub, (await readJson(message))?.items)
    return order ? { status: 201, body: order } : { status: 400 }
  }

  const server = createServer((message, response) => {
    void answer(message)
      .catch((error) => {
        if (error instanceof Refusal) return { status: error.status, challenge: error.challenge }
        return { status: 503 }
      })
      .then(({ status, body, challenge }) => {
        response.writeHead(status, {
          ...corsHeaders(shops, message.headers.origin),
          'cache-control': 'no-store',
          'content-type': 'application/json',
          ...(challenge && { 'www-authenticate': challenge }),
        })
        response.end(body && JSON.stringify(body))
      })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: audience,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** RFC 9470 section 3. */
const createStepUp = () =>
  new Refusal(401, { error: 'insufficient_user_authentication', max_age: MAX_AGE_SECONDS })

/**
 * The browser asks first (preflight), because of the Authorization header; no cookie is ever sent
 * or read.
 */
const corsHeaders = (shops, origin) => ({
  'access-control-allow-origin': shops.includes(origin) ? origin : shops[0],
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-allow-methods': 'GET, POST',
  'access-control-expose-headers': 'www-authenticate',
  'access-control-max-age': '600',
  vary: 'origin',
})

async function readJson(message) {
  let text = ''
  for await (const chunk of message) {
    text += chunk
    if (text.length > LONGEST_BODY) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
