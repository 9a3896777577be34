// An API of another origin, which browsers ask first (CORS) and whose redirects they hide.
import { type StaticRequest, type StaticResponse, serveStatic } from '../tools/static-server.ts'
import { expect, test as base } from './support/app-test.ts'

interface Api {
  readonly origin: string
  /** The requests but the preflights: what and with which token. */
  readonly seen: { readonly path: string; readonly token: string | undefined }[]
}

const test = base.extend<{ readonly api: Api }>({
  api: async ({ pair }, use) => {
    const seen: Api['seen'] = []
    const cors = {
      'access-control-allow-origin': pair.app.origin,
      'access-control-allow-headers': 'authorization',
      'access-control-allow-methods': 'PUT',
    }
    const respond = ({ url, method, headers }: StaticRequest): StaticResponse => {
      if (method === 'OPTIONS') return { status: 204, headers: cors }
      const token = String(headers['authorization']).replace('Bearer ', '')
      const isNew = !seen.some((earlier) => earlier.token === token)
      seen.push({ path: url.pathname, token })
      if (url.pathname === '/moved') {
        const headers = { ...cors, location: `${pair.hostile.origin}/collect` }
        return { status: 302, headers }
      }
      // The first token that it sees is refused.
      const status = isNew && seen.length === 1 ? 401 : 200
      return { status, headers: cors, body: String(status) }
    }
    const { port, close } = await serveStatic({ root: import.meta.dirname, respond })
    await use({ origin: `http://127.0.0.1:${port}`, seen })
    await close()
  },
})

test('authFetch brings the token to an API of another origin, and a new one after a 401', async ({
  page,
  logIn,
  api,
}) => {
  await logIn(page)
  const { answers, tokens } = await page.evaluate(async (origin) => {
    const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: [origin] })
    const read = async (input: RequestInfo) => (await authFetch(input, { method: 'PUT' })).text()
    const old = await auth.getTokenSilently()
    const first = await read(`${origin}/orders`)
    const second = await read(new Request(`${origin}/customers`))
    return { answers: [first, second], tokens: [old, await auth.getTokenSilently()] }
  }, api.origin)
  expect(answers).toEqual(['200', '200'])
  expect(api.seen).toEqual([
    { path: '/orders', token: tokens[0] },
    { path: '/orders', token: tokens[1] },
    { path: '/customers', token: tokens[1] },
  ])
})

test("authFetch brings the token to the page's own origin by a relative URL", async ({
  page,
  logIn,
}) => {
  await logIn(page)
  const [request, token] = await Promise.all([
    page.waitForRequest('**/api/orders'),
    page.evaluate(async () => {
      await sotto.createAuthFetch(auth, { allowedOrigins: ['self'] })('/api/orders')
      return auth.getTokenSilently()
    }),
  ])
  expect(request.headers()['authorization']).toBe(`Bearer ${token}`)
})

test('authFetch gives the 401 back for a Request whose body was sent', async ({
  page,
  logIn,
  api,
}) => {
  await logIn(page)
  const status = await page.evaluate(async (origin) => {
    const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: [origin] })
    const request = new Request(`${origin}/orders`, { method: 'PUT', body: 'all' })
    return (await authFetch(request)).status
  }, api.origin)
  expect(status).toBe(401)
  expect(api.seen).toHaveLength(1)
})

// covers spec:allowed-origins
test('authFetch follows no redirect and goes nowhere else', async ({ page, pair, logIn, api }) => {
  await logIn(page)
  const outcomes = await page.evaluate(
    async ([origin, other]) => {
      const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: [origin] })
      return Promise.all([
        outcomeOf(authFetch(`${origin}/moved`)),
        outcomeOf(authFetch(`${other}/collect`)),
        outcomeOf(authFetch('/collect')),
      ])
    },
    [api.origin, pair.hostile.origin] as const,
  )
  expect(outcomes).toEqual([
    { code: 'server_error' },
    { code: 'config_invalid' },
    { code: 'config_invalid' },
  ])
  expect(api.seen.map(({ path }) => path)).toEqual(['/moved'])
  expect(pair.hostile.requests).toEqual([])
  expect(pair.app.requests.map(({ path }) => path)).not.toContain('/collect')
})
