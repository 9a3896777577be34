// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { resolveRedirectUri } from '../../src/protocol/url.ts'
import { leavePage } from '../../src/browser/navigation.ts'
import { failure, outcome } from '../support/protocol-exchange.ts'

const origin = 'https://app.example'
const assign = vi.fn()
const replace = vi.fn()

beforeEach(() => {
  vi.clearAllMocks()
  vi.stubGlobal(
    'location',
    Object.assign(new URL(`${origin}/folder/page?a#b`), { assign, replace }),
  )
})

const pageShow = (persisted: boolean): Event => Object.assign(new Event('pageshow'), { persisted })

test('leaves for the URL, and stays pending while the page is only shown as it always is', async () => {
  const settled = vi.fn()
  const url = new URL('https://login.example/authorize?a=1')
  const left = leavePage(url, false).then(settled)
  expect(assign).toHaveBeenCalledWith(url)
  expect(replace).not.toHaveBeenCalled()
  dispatchEvent(pageShow(false))
  await Promise.resolve()
  expect(settled).not.toHaveBeenCalled()
  dispatchEvent(pageShow(true))
  await left
})

test('stops listening once the page is back', async () => {
  const remove = vi.spyOn(globalThis, 'removeEventListener')
  const left = leavePage(new URL('https://login.example/'), false)
  dispatchEvent(pageShow(true))
  await left
  expect(remove).toHaveBeenCalledWith('pageshow', expect.any(Function))
})

test('leaves no page behind that Back would lead to', () => {
  const url = new URL('https://login.example/authorize?prompt=none')
  void leavePage(url, true)
  expect(replace).toHaveBeenCalledExactlyOnceWith(url)
  expect(assign).not.toHaveBeenCalled()
})

// covers spec:one-redirect-uri
test.each([
  ['/callback', `${origin}/callback`],
  ['callback', `${origin}/callback`],
  ['/callback?tenant=a', `${origin}/callback?tenant=a`],
  [`${origin}/callback/`, `${origin}/callback/`],
  ['/', `${origin}/`],
  ['', `${origin}/`],
  [origin, origin],
  [`${origin}/`, `${origin}/`],
])('resolves the redirect URI %s to %s', (given, href) => {
  expect(resolveRedirectUri(given)).toBe(href)
})

// covers spec:redirect-uri
test.each([
  'https://other.example/callback',
  'http://app.example/callback',
  'https://app.example:444/callback',
  '//other.example/callback',
  '/\\other.example/callback',
  '/callback#',
  '/callback#a',
  'javascript:alert(1)',
  'data:text/html,x',
  `blob:${origin}/x`,
  'https://user:password@app.example/callback',
  'http://[',
])('refuses the redirect URI %s', async (given) => {
  expect(await outcome(() => resolveRedirectUri(given))).toBe('config_invalid/redirectUri')
})

test('shows the origin that a redirect URI must have, and nothing of the one that it has', async () => {
  const { message } = await failure(() =>
    resolveRedirectUri('https://user:password@other.example/callback'),
  )
  expect(message).toContain(`, redirectUri, expected ${origin}. `)
})
