// @vitest-environment happy-dom
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { AUTHORIZATION_RESPONSE_PARAMETERS } from '../../src/protocol/authorization-response.ts'
import { checkReturnTo, isSecureUrl } from '../../src/protocol/url.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../../src/protocol/callback-url.ts'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { check, settle } from '../support/fuzz.ts'

beforeEach(preparePage)

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...AUTHORIZATION_RESPONSE_PARAMETERS) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'a', 'c%6Fde', 'st%61te', 'CODE', '%', '') },
)
const text = fc.oneof(
  fc.constantFrom('', 'x', '%', '%E0%A4%A', '+', '__proto__', '</script>', '\0', 'ours.', '#', '?'),
  fc.string({ maxLength: 20 }),
)
const pairs = fc.array(fc.tuple(name, text), { maxLength: 6 })
const join = (list: readonly (readonly [string, string])[]): string =>
  list.map(([key, value]) => `${key}=${value.replace(/[&#]/g, '')}`).join('&')
const separator = fc.constantFrom('?', '#', '?a=1#', '#/route?x=1&', '??')

test('what is cleaned has no parameter of a response, and the rest stays as it was written', () => {
  const rest = fc.array(fc.constantFrom('a=1', 'b=%20+', 'c', '=d', 'e==', 'x=code'), {
    maxLength: 3,
  })
  const place = fc.constantFrom('?', '#')
  return check(fc.tuple(place, pairs, rest), 300, ([mark, list, kept]) => {
    const own = list.filter(([key]) => AUTHORIZATION_RESPONSE_PARAMETERS.includes(key))
    const written = [...kept.slice(0, 1), ...(own.length ? [join(own)] : []), ...kept.slice(1)]
    const url = new URL(`http://localhost:3000/callback${mark}${written.join('&')}`)
    const cleaned = cleanCallbackUrl(url, (one) => AUTHORIZATION_RESPONSE_PARAMETERS.includes(one))
    const expected = new URL(`http://localhost:3000/callback${mark}${kept.join('&')}`).href
    expect(cleaned.replace(/[?#]$/, '')).toBe(expected.replace(/[?#]$/, ''))
    expect(readCallbackUrl(new URL(cleaned), () => true)).toBeUndefined()
  })
})

// covers threat:callback-link spec:state-only-compared spec:forged-response
test('no forged callback is more than an AuthError, sends a code, or costs the login under way', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  const [tag = ''] = new URL(url).searchParams.get('state')!.split('.')
  page.server.control.clearRequests()
  const forged = fc.record({
    separator,
    list: pairs,
    state: fc.option(text.map((value) => `state=${tag}.${value.replace(/[&#]/g, '')}`)),
  })
  await check(forged, 150, async ({ separator: mark, list, state }) => {
    const address = `http://localhost:3000/callback${mark}${join(list)}&${state ?? ''}`
    const outcome = await settle(() => page.auth.handleRedirectCallback({ url: address }))
    expect('error' in outcome && outcome.error.code).toMatch(/^(state_unknown|callback_invalid)$/)
  })
  expect(page.server.control.requests({ endpoint: 'token' })).toEqual([])
  await expect(page.auth.handleRedirectCallback({ url })).resolves.toMatchObject({
    user: { sub: 'alice' },
  })
})

test('no change of an own callback is more than an AuthError, or leaves a token', async () => {
  const page = createClient()
  let serial = 0
  await check(fc.tuple(name, text, fc.boolean()), 60, async ([key, value, append]) => {
    // A second login within three seconds would join the first.
    await passTime(3001)
    const audience = `https://api-${serial++}.example`
    await page.auth.loginWithRedirect({ audience })
    const url = new URL(page.answer('alice'))
    if (append) url.searchParams.append(key, value)
    else url.searchParams.set(key, value)
    const outcome = await settle(() => page.auth.handleRedirectCallback({ url: url.href }))
    if (!('error' in outcome)) return
    expect(await page.auth.getTokenSilently({ audience, cacheMode: 'cache-only' })).toBe(undefined)
  })
})

const hostile = fc
  .array(
    fc.constantFrom(
      ...['/', '\\', '//', ':', '@', '.', '..', '#', '?', '\t', '\n', '\0', ' ', '%2f', '%5c'],
      ...['javascript', 'data', 'blob', 'http', 'https', 'file', 'evil.example', 'localhost:3000'],
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

// covers threat:open-redirect spec:no-open-redirector
test('whatever returnTo is let through is a page of this origin', () =>
  check(fc.oneof(hostile, fc.string()), 150, async (value) => {
    const outcome = await settle(() => checkReturnTo(value))
    if ('error' in outcome) return expect(outcome.error.code).toBe('return_to_invalid')
    expect(outcome.value).toMatch(/^http:\/\/localhost:3000\//)
    // And where a browser would go from there.
    expect(new URL(outcome.value, 'https://elsewhere.example').origin).toBe(location.origin)
    return undefined
  }))

test('whatever URL counts as secure is https, or of this machine', () =>
  check(hostile, 300, (value) => {
    if (!isSecureUrl(value)) return
    const { protocol, hostname, username } = new URL(value)
    expect(username).toBe('')
    if (protocol !== 'https:') expect(hostname).toMatch(/^(localhost|127\..*|\[::1\])$/)
  }))
