import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { serveRealServer } from '../../e2e/support/real-server.ts'
import { findFreePort } from '../../tools/static-server.ts'
import type { Observations } from '../support/observed-answer.ts'
import { APP } from '../support/observed-grants.ts'
import { observe } from '../support/observed-server.ts'
import { DIFFERENCES } from '../support/real-differences.ts'
import { authorizationUrl } from './support.ts'

let mock: Observations
let real: Observations
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  mock = await observeMock()
  real = await observeReal()
})

afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
})

async function observeMock(): Promise<Observations> {
  const port = await findFreePort()
  const issuer = `http://localhost:${port}`
  const clients = [{ clientId: 'app', redirectUris: [`${APP}/callback`] }]
  const server = createAuthorizationServer({ issuer, clients })
  closing.push((await serveAuthorizationServer(server, { port })).close)
  return observe({ issuer, cookie: server.control.signIn({ user: 'alice' }).cookie })
}

async function observeReal(): Promise<Observations> {
  const { issuer, close } = await serveRealServer(APP)
  closing.push(close)
  return observe({ issuer, cookie: await logInAtReal(issuer) })
}

/** Follows a login from page to page, and gives the cookies that are left. */
async function logInAtReal(issuer: string): Promise<string> {
  const cookies = new Map<string, string>()
  const header = () => [...cookies].map((pair) => pair.join('=')).join('; ')
  let url = authorizationUrl({ redirect_uri: `${APP}/callback`, login_hint: 'alice' }, issuer)
  while (!url.startsWith(APP)) {
    const { headers } = await fetch(url, { redirect: 'manual', headers: { cookie: header() } })
    for (const cookie of headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]?.split('=') ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = headers.get('location')
    if (location === null) throw new Error(`the login ends at ${url}`)
    url = new URL(location, issuer).href
  }
  return header()
}

test('the mock server answers as oidc-provider does, but for the listed differences', () => {
  const parts = [...new Set([...Object.keys(mock), ...Object.keys(real)])]
  const differing = parts
    .filter((part) => !isDeepStrictEqual(mock[part], real[part]))
    .map((part) => [part, { mock: mock[part], real: real[part] }] as const)
  const listed = Object.entries(DIFFERENCES).map(
    ([part, { why: _why, ...values }]) => [part, values] as const,
  )
  expect(Object.fromEntries(differing)).toEqual(Object.fromEntries(listed))
})

test('oidc-provider posts a code, the state and the issuer to the origin of the redirect URI', () => {
  expect(real).toMatchObject({
    'silent: status': 200,
    'silent: type': 'authorization_response',
    'silent: target origin': APP,
    'silent: response': { state: 'the-state', iss: 'ISSUER', code: 'string' },
  })
})
