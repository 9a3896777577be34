import { expect, test } from 'vitest'
import { isRedirectAddress, isSameRedirectUri } from '../../src/protocol/redirect-address.ts'

const ORIGIN = 'https://app.example'

test.each([
  ['/callback', '/callback?code=c&state=s'],
  ['/callback', '/callback#code=c&state=s'],
  ['/callback', '/callback/?code=c'],
  ['/callback/', '/callback?code=c'],
  ['/silent.html', '/silent?code=c'],
  ['/silent', '/silent.html?code=c'],
  ['/auth/index.html', '/auth/?code=c'],
  ['/auth/', '/auth/index.html?code=c'],
  ['/', '/?code=c'],
  ['/?tenant=1', '/?code=c&tenant=1'],
])('the redirect URI %s is where %s came to', (redirectUri, address) => {
  expect(isRedirectAddress(ORIGIN + address, ORIGIN + redirectUri)).toBe(true)
})

test.each([
  ['/callback', `${ORIGIN}/other?code=c`],
  ['/callback', `${ORIGIN}/Callback?code=c`],
  ['/callback', `${ORIGIN}/callback/deeper?code=c`],
  ['/callback', 'https://evil.example/callback?code=c'],
  ['/callback', 'http://app.example/callback?code=c'],
  ['/callback', 'https://app.example:8443/callback?code=c'],
  ['/callback?as=honest', `${ORIGIN}/callback?code=c`],
  ['/callback?as=honest', `${ORIGIN}/callback?as=hostile&code=c`],
  ['//deeper', `${ORIGIN}/index.html/deeper?code=c`],
  ['/callback', 'about:blank'],
  ['/callback', undefined],
])('the redirect URI %s is not where %s came to', (redirectUri, address) => {
  expect(isRedirectAddress(address, ORIGIN + redirectUri)).toBe(false)
})

test('two redirect URIs are the same only with the same query', () => {
  expect(isSameRedirectUri(`${ORIGIN}/callback`, `${ORIGIN}/callback/`)).toBe(true)
  expect(isSameRedirectUri(`${ORIGIN}/callback`, `${ORIGIN}/callback?as=1`)).toBe(false)
})
