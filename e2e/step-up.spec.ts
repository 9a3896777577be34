// An API of another origin that asks for more than that the user is signed in (RFC 9470).
import { type StaticRequest, type StaticResponse, serveStatic } from '../tools/static-server.ts'
import { expect, test as base } from './support/app-test.ts'

interface Api {
  readonly origin: string
  /** What each call of it was told: `paid`, or which challenge. */
  readonly answers: string[]
}

/** What an access token says; the library's own tests check that an API can verify it. */
function claimsOf(headers: StaticRequest['headers']): { acr?: string; auth_time?: number } {
  const [, payload = ''] = String(headers['authorization']).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
}

const test = base.extend<{ readonly api: Api }>({
  api: async ({ pair }, use) => {
    const answers: string[] = []
    const cors = {
      'access-control-allow-origin': pair.app.origin,
      'access-control-allow-headers': 'authorization',
      'access-control-expose-headers': 'www-authenticate',
    }
    const respond = ({ url, method, headers }: StaticRequest): StaticResponse => {
      if (method === 'OPTIONS') return { status: 204, headers: cors }
      const [acr, maxAge] = [url.searchParams.get('acr'), url.searchParams.get('max_age')]
      const { auth_time: authTime = 0, ...token } = claimsOf(headers)
      const isOld =
        maxAge !== null && authTime + Number(maxAge) < pair.control.snapshot().now / 1000
      const wanted = [
        ...(acr !== null && acr !== token.acr ? [`acr_values="${acr}"`] : []),
        ...(isOld ? [`max_age=${maxAge}`] : []),
      ].join(', ')
      answers.push(wanted || 'paid')
      const challenge = `Bearer error="insufficient_user_authentication", ${wanted}`
      return wanted
        ? { status: 401, headers: { ...cors, 'www-authenticate': challenge } }
        : { status: 200, headers: cors, body: 'paid' }
    }
    const { port, close } = await serveStatic({ root: import.meta.dirname, respond })
    await use({ origin: `http://127.0.0.1:${port}`, answers })
    await close()
  },
})

// covers spec:step-up
test('a step-up that the session of the server is good enough for needs no user', async ({
  page,
  logIn,
  api,
}) => {
  await logIn(page)
  const answer = await page.evaluate(async (origin) => {
    const onStepUp = () => {
      throw new Error('the user was asked')
    }
    const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: [origin], onStepUp })
    return (await authFetch(`${origin}/pay?acr=2`, { method: 'POST', body: '5' })).text()
  }, api.origin)
  expect(answer).toBe('paid')
  expect(api.answers).toEqual(['acr_values="2"', 'paid'])
})

// covers spec:step-up fault:api-step-up
test('the user logs in again where the API wants it, and is back at the same place', async ({
  page,
  pair,
  logIn,
  makeClient,
  signIn,
  api,
}) => {
  await logIn(page, { path: '/cart?step=2' })
  pair.control.advanceClock({ seconds: 100 })
  const pay = `${api.origin}/pay?max_age=60`
  await page.evaluate((url) => {
    const authFetch = sotto.createAuthFetch(auth, {
      allowedOrigins: [new URL(url).origin],
      onStepUp: (login) => auth.loginWithRedirect(login),
    })
    void authFetch(url, { method: 'POST', body: '5' })
  }, pay)
  await signIn(page)
  await page.waitForURL(/\/callback\?/)
  await makeClient(page)
  const { path, answer } = await page.evaluate(async (url) => {
    await auth.start()
    const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: [new URL(url).origin] })
    const response = await authFetch(url, { method: 'POST', body: '5' })
    return { path: location.pathname + location.search, answer: await response.text() }
  }, pay)
  expect([path, answer]).toEqual(['/cart?step=2', 'paid'])
  expect(api.answers).toEqual(['max_age=60', 'paid'])
})
