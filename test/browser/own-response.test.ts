import { expect, test } from 'vitest'
import { readCallbackMessage, readOwnResponse } from '../../src/browser/own-response.ts'

const redirectUri = 'https://app.example/silent.html'
const read = (address: string | undefined, uri = redirectUri): string | undefined =>
  readOwnResponse(address, uri, 'ours')?.toString()

test.each([
  ['?code=c&state=ours', 'code=c&state=ours'],
  ['#code=c&state=ours', 'code=c&state=ours'],
  ['?code=c&state=ours#_=_', 'code=c&state=ours'],
  ['?state=app#code=c&state=ours', 'code=c&state=ours'],
  ['?code=c&state=theirs', 'code=c&state=theirs'],
  ['?code=c&state=ours&state=theirs', 'code=c&state=ours&state=theirs'],
])('reads the response of the address with %s', (rest, expected) => {
  expect(read(redirectUri + rest)).toBe(expected)
})

test('reads a redirect URI that has a query of its own', () => {
  const uri = `${redirectUri}?tenant=1`
  expect(read(`${uri}&code=c&state=ours`, uri)).toBe('tenant=1&code=c&state=ours')
})

test.each([
  undefined,
  'about:blank',
  redirectUri,
  `${redirectUri}?code=c`,
  'https://app.example/other?code=c&state=ours',
  'https://app.example/silent.html/?code=c&state=ours',
  'https://app.example/?/silent.html&code=c&state=ours',
  'https://app.example:8443/silent.html?code=c&state=ours',
  'https://evil.example/silent.html?code=c&state=ours',
  'http://app.example/silent.html?code=c&state=ours',
])('takes %s for no answer', (address) => {
  expect(read(address)).toBeUndefined()
})

test("reads what the callback page posts as it reads the page's address", () => {
  const href = `${redirectUri}?code=c&state=ours`
  const posted = (data: unknown): string | undefined =>
    readCallbackMessage(data, redirectUri, 'ours')?.toString()
  expect(posted({ type: 'sotto:callback', href })).toBe('code=c&state=ours')
  expect(posted({ type: 'sotto:other', href })).toBeUndefined()
  expect(posted({ type: 'sotto:callback', href: [href] })).toBeUndefined()
  expect(
    posted({ type: 'sotto:callback', href: 'https://evil.example/silent.html?state=ours' }),
  ).toBeUndefined()
  expect(posted(Object.create({ type: 'sotto:callback', href }))).toBeUndefined()
  expect(posted(href)).toBeUndefined()
})
