import { beforeEach, expect, test, vi } from 'vitest'
import { checkReturnTo } from '../../src/protocol/url.ts'
import { outcome } from '../support/protocol-exchange.ts'

const origin = 'https://app.example'

beforeEach(() => {
  vi.stubGlobal('location', new URL(`${origin}/folder/page?a=1#b`))
})

test.each([
  ['/orders?id=1#top', `${origin}/orders?id=1#top`],
  ['orders', `${origin}/folder/orders`],
  ['?page=2', `${origin}/folder/page?page=2`],
  ['#top', `${origin}/folder/page?a=1#top`],
  ['', `${origin}/folder/page?a=1`],
  [`${origin}/orders`, `${origin}/orders`],
  ['HTTPS://APP.EXAMPLE:443/orders', `${origin}/orders`],
  ['/orders?next=https://evil.example', `${origin}/orders?next=https://evil.example`],
])('lets %j through as a whole URL', (returnTo, href) => {
  expect(checkReturnTo(returnTo)).toBe(href)
})

// covers threat:open-redirect spec:no-open-redirector fault:login-return-to
test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '///evil.example',
  '////evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\\evil.example',
  ' //evil.example',
  '\0//evil.example',
  '\u0001//evil.example',
  'https://evil.example',
  'https:\\\\evil.example',
  'http://app.example/',
  'https://app.example:444/',
  'https://app.example.evil.example/',
  'https://app.example@evil.example/',
  'http://host@evil.example',
  'http:evil.example',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  ' javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  'javascript://app.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  `blob:${origin}/x`,
  `filesystem:${origin}/x`,
  `view-source:${origin}/x`,
  'about:blank',
  'file:///etc/passwd',
  'wss://app.example/',
  'http://[',
])('refuses %j', async (returnTo) => {
  expect(await outcome(() => checkReturnTo(returnTo))).toBe('return_to_invalid')
})

test.each([
  'https://user:password@app.example/',
  'https://user@app.example/',
  '//user@app.example',
])('refuses %j: a page cannot put credentials into its address', async (returnTo) => {
  expect(await outcome(() => checkReturnTo(returnTo))).toBe('return_to_invalid')
})

// What browsers read as paths: they stay on the page's own origin, if the whole URL is used.
// covers threat:open-redirect fault:login-return-to
test.each(['/a/../..//evil.example', 'https:evil.example', './/evil.example', '/%2f/evil.example'])(
  'keeps %j on the own origin',
  (returnTo) => {
    const href = checkReturnTo(returnTo)
    expect(href.startsWith(`${origin}/`)).toBe(true)
    expect(new URL(href, 'https://base.example').origin).toBe(origin)
  },
)

test('keeps a path of 100,000 characters on the own origin', () => {
  const path = 'x'.repeat(100_000)
  expect(checkReturnTo(path)).toBe(`${origin}/folder/${path}`)
})

test.each(['httpx://app.example/', 'xhttp://app.example/', 'xhttps://app.example/'])(
  'a page without an origin of its own does not return to %s',
  async (returnTo) => {
    vi.stubGlobal('location', { href: 'about:srcdoc', origin: 'null' })
    expect(await outcome(() => checkReturnTo(returnTo))).toBe('return_to_invalid')
  },
)
