import { expect, test } from 'vitest'
import {
  findForbidding,
  findFramingRefusal,
  parsePolicies,
} from '../../src/explain/checks/content-security-policy.ts'

const URL = 'https://login.example.com/authorize'
const SELF = 'https://app.example.com/'
const NAMES = ['frame-src', 'default-src']
const forbids = (policy: string, url = URL, self = SELF) =>
  findForbidding(parsePolicies(policy), NAMES, url, self)

test.each([
  '',
  "script-src 'none'",
  'frame-src *',
  'frame-src https:',
  'frame-src http:',
  'frame-src https://login.example.com',
  'frame-src https://login.example.com/authorize',
  'frame-src login.example.com',
  'frame-src *.example.com',
  'frame-src https://*.example.com:443',
  'frame-src https://login.example.com:*',
  'FRAME-SRC HTTPS://LOGIN.EXAMPLE.COM',
  "default-src 'none'; frame-src https://login.example.com",
  "frame-src https://login.example.com; frame-src 'none'",
])('allows: %s', (policy) => expect(forbids(policy)).toBeUndefined())

test.each([
  ["frame-src 'none'", 'frame-src'],
  ['frame-src', 'frame-src'],
  ["frame-src 'self'", 'frame-src'],
  ["default-src 'self'", 'default-src'],
  ['frame-src https://login.example.com:8443', 'frame-src'],
  ['frame-src https://login.example.org', 'frame-src'],
  ['frame-src *.login.example.com', 'frame-src'],
  ['frame-src data:', 'frame-src'],
  ['frame-src wss://login.example.com', 'frame-src'],
  ["frame-src https:, default-src 'none'", 'default-src'],
  ["frame-src 'none'; frame-src https:", 'frame-src'],
])('forbids: %s', (policy, directive) => expect(forbids(policy)).toBe(directive))

test('knows the page itself, and a port of this machine', () => {
  expect(forbids("frame-src 'self'", `${SELF}callback`)).toBeUndefined()
  const local = 'http://localhost:4000/authorize'
  expect(
    forbids('frame-src http://localhost:4000', local, 'http://localhost:3000/'),
  ).toBeUndefined()
  expect(forbids('frame-src http://localhost', local, 'http://localhost:3000/')).toBe('frame-src')
  expect(forbids('frame-src http://[::1]:4000', 'http://[::1]:4000/', SELF)).toBeUndefined()
  expect(forbids('frame-src *', 'data:text/html,x')).toBe('frame-src')
})

const refusal = (
  xFrameOptions: string | null,
  contentSecurityPolicy: string | null,
  parent: string,
) => findFramingRefusal({ xFrameOptions, contentSecurityPolicy }, URL, parent)
const APP = 'https://app.example.com'

test('says which header keeps a page from being framed', () => {
  expect(refusal(null, null, APP)).toBeUndefined()
  expect(refusal('DENY', null, APP)).toBe('X-Frame-Options: DENY')
  expect(refusal('deny', null, 'https://login.example.com')).toBe('X-Frame-Options: deny')
  expect(refusal('SAMEORIGIN', null, APP)).toBe('X-Frame-Options: SAMEORIGIN')
  expect(refusal('SAMEORIGIN', null, 'https://login.example.com')).toBeUndefined()
  expect(refusal(null, "frame-ancestors 'self' https://x.example", APP)).toBe(
    "Content-Security-Policy: frame-ancestors 'self' https://x.example",
  )
  // The policy has the last word.
  expect(refusal('DENY', `frame-ancestors ${APP}`, APP)).toBeUndefined()
  expect(refusal('DENY', "script-src 'none'", APP)).toBe('X-Frame-Options: DENY')
})
