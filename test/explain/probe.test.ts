// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest'
import { createProbe } from '../../src/explain/page/probe.ts'

const url = 'https://login.example.com/token'

/** A request that fails, and what the browser reports meanwhile. */
async function probe(violation?: object) {
  const send = async (_url: unknown, init?: RequestInit) => {
    if (init?.mode === 'no-cors') return new Response()
    const event = new Event('securitypolicyviolation')
    if (violation) document.dispatchEvent(Object.assign(event, violation))
    throw new TypeError('failed')
  }
  return createProbe(send, 1000)(url)
}

const CSP = {
  disposition: 'enforce',
  effectiveDirective: 'connect-src',
  blockedURI: 'https://login.example.com',
}

test.each(['https://login.example.com', url])('a policy forbids it: %s', async (blockedURI) => {
  expect(await probe({ ...CSP, blockedURI })).toEqual({ problem: 'csp', directive: 'connect-src' })
})

test.each([
  ['is only reported', { disposition: 'report' }],
  ['is about something else', { effectiveDirective: 'img-src' }],
  ['is about another server', { blockedURI: 'https://other.example.com' }],
  ['names nothing', { blockedURI: '' }],
])('a violation that %s is no reason', async (_what, more) => {
  expect(await probe({ ...CSP, ...more })).toEqual({ problem: 'cors' })
})

test('leaves no listener behind', async () => {
  const add = vi.spyOn(document, 'addEventListener')
  const remove = vi.spyOn(document, 'removeEventListener')
  await probe()
  expect(add).toHaveBeenCalledOnce()
  expect(remove.mock.calls).toEqual(add.mock.calls)
})
