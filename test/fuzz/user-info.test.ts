// @vitest-environment happy-dom
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { fetchUserInfo } from 'sotto'
import { createClient, createServer, preparePage } from '../support/flow-client.ts'
import { anyJson, check, mutate, mutation, settle } from '../support/fuzz.ts'

beforeEach(preparePage)

const MEMBERS = ['sub', 'name', 'email', 'iss', 'aud', 'error', 'address']

/** Deeper than any recursion goes. */
const DEEP = `{"sub":"alice","a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`

const members = mutation(MEMBERS).map((change) =>
  JSON.stringify(mutate({ sub: 'alice', name: 'Alice Liddell' }, change)),
)
const body = fc.oneof(
  { weight: 4, arbitrary: members },
  anyJson.map((value) => JSON.stringify(value) ?? ''),
  fc.string(),
  fc.constantFrom(
    DEEP,
    '{"sub":"alice","sub":"mallory"}',
    '{"sub":"alice"}}',
    '\uFEFF{"sub":"alice"}',
  ),
)
const status = fc.constantFrom(200, 200, 200, 200, 201, 206, 301, 400, 401, 403, 404, 429, 500, 503)
const type = fc.constantFrom(
  ...['application/json', 'application/json', 'application/json; charset=utf-8'],
  ...['application/jwt', 'text/html', ''],
)

/** The last one after a 401: there is no other token. */
const CODES = /^(userinfo_invalid|server_error|interaction_required)$/

// covers spec:user-info-sub
test('any answer of the UserInfo endpoint brings claims of that user, or an AuthError', async () => {
  const server = createServer({ accessTokenSeconds: 86_400 })
  let response: (() => Response) | undefined
  const page = createClient(
    {
      renewal: [],
      fetch: async (url, init) =>
        String(url).endsWith('/userinfo') ? response!() : server.fetch(url, init),
    },
    { server },
  )
  await page.logIn()
  const [user, snapshot] = [await page.auth.getUser(), page.auth.getSnapshot()]
  await check(fc.record({ body, status, type }), 300, async (input) => {
    const headers = { 'content-type': input.type }
    response = () => new Response(input.body, { status: input.status, headers })
    const outcome = await settle(() => fetchUserInfo(page.auth))
    if ('error' in outcome) expect(outcome.error.code).toMatch(CODES)
    else {
      expect([input.status, outcome.value.sub]).toEqual([200, 'alice'])
      expect(Object.getPrototypeOf(outcome.value)).toBe(Object.prototype)
      expect(Object.isFrozen(outcome.value)).toBe(true)
    }
    expect(await page.auth.getUser()).toBe(user)
    expect(page.auth.getSnapshot()).toBe(snapshot)
  })
})
