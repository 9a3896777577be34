import { expect, test } from 'vitest'
import { isSecureUrl, parseUrl, pathOf } from '../../src/protocol/url.ts'

test.each([
  'https://login.example',
  'https://login.example:8443/path?query',
  'HTTPS://LOGIN.EXAMPLE/',
  'http://localhost',
  'http://localhost:4000/token',
  'http://tenant.localhost:4000/token',
  'http://127.0.0.1:4000/token',
  'http://127.8.9.10/',
  'http://127.1/',
  'http://[::1]:4000/token',
])('takes %s for secure', (url) => {
  expect(isSecureUrl(url)).toBe(true)
})

// covers spec:https-endpoints
test.each([
  'http://public.example',
  'http://public.example/localhost/',
  'http://public.example/.localhost/token',
  'http://public.example/.localhost',
  'http://public.example/?.localhost',
  'http://public.example/?a.localhost:1',
  'http://public.example/#.localhost/',
  'http://localhost.public.example/',
  'http://localhost@public.example/',
  'http://localhost:x@public.example/',
  'http://127.0.0.1:1@public.example/',
  'http://127.0.0.1.public.example/',
  'http://127.public.example/',
  'http://128.0.0.1/',
  'http://10.0.0.1/',
  'http://[::2]/',
  'http://[::ffff:127.0.0.1]/',
  'http://notlocalhost/',
  'https://user:password@login.example/',
  'https://user@login.example/',
  'javascript:alert(1)//https://login.example',
  'data:text/html,x',
  'blob:https://login.example/x',
  'filesystem:https://login.example/x',
  'ftp://login.example/',
  'ws://localhost/',
  'https:',
  'https://',
  '/relative',
  'relative',
  '//login.example/',
  '',
])('does not take %s for secure', (url) => {
  expect(isSecureUrl(url)).toBe(false)
})

// covers spec:https-endpoints
test.each([
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['an object', {}],
  ['a list of a URL', ['https://login.example']],
  ['an object of the class URL', new URL('https://login.example')],
])('does not take %s for secure', (_, url) => {
  expect(isSecureUrl(url)).toBe(false)
})

test('parses a URL, against a base if there is one', () => {
  expect(parseUrl('https://a.example/b')?.href).toBe('https://a.example/b')
  expect(parseUrl('/b', 'https://a.example/c')?.href).toBe('https://a.example/b')
})

test('gives undefined for what is no URL', () => {
  expect(parseUrl('/b')).toBeUndefined()
  expect(parseUrl('http://[', 'https://a.example')).toBeUndefined()
})

// covers threat:open-redirect
test.each([
  ['https://a.example//evil.example/x?y#z', '/evil.example/x?y#z'],
  ['https://a.example/\\\\evil.example', '/evil.example'],
  ['https://a.example/.//evil.example', '/evil.example'],
  ['https://a.example/b///c?d=//e#//f', '/b/c?d=//e#//f'],
  [undefined, '/'],
])('gives a router of %s a path that is no other host', (url, path) => {
  expect(pathOf(url)).toBe(path)
})
