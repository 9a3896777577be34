// A server that takes pushed authorization requests only (RFC 9126).
import type { Fault } from 'sotto/testing'
import { expect, test } from 'vitest'
import { diagnosisOf, serveMock } from '../support/doctor.ts'

/** What the doctor says where the server has these faults. */
async function diagnose(faults: readonly Fault[] = [], setUp = {}) {
  const { issuer, control } = await serveMock({ pushedAuthorizationRequests: 'required' })
  for (const fault of faults) control.addFault(fault)
  return { ...(await diagnosisOf({ issuer, ...setUp })), control }
}

const pushed = (fault: object): Fault => ({ endpoint: 'par', ...fault }) as Fault

test('is told to be one, and asked by pushed requests', async () => {
  const { of, wrong, control } = await diagnose()
  expect(wrong).toEqual(['pushed_requests'])
  expect(of('pushed_requests')).toMatchObject({
    level: 'hint',
    fix: 'Pass par: pushedAuthorizationRequest().',
  })
  expect(of('pushed_requests').docs).toMatch(
    /docs\/guides\/pushed-requests.md#pushed-requests-par$/,
  )
  expect(of('authorization').what).toContain('knows the client app and the redirect URI')
  // Each has its own, as one is good for one request.
  expect(of('server_framing').level).toBe('ok')
  const asked = control.snapshot().requests.map(({ endpoint }) => endpoint)
  expect(asked.filter((endpoint) => endpoint === 'par')).toHaveLength(2)
})

test('a redirect URI that it does not know is its own word', async () => {
  const redirectUri = 'http://localhost:5173/x'
  const { of } = await diagnose([], { redirectUri })
  const { level, what, fix, evidence } = of('authorization')
  expect(level).toBe('error')
  expect(what).toContain('invalid_request')
  expect(fix).toContain(`add ${redirectUri}, character for character`)
  expect(evidence).toMatchObject({ status: 400, error: 'invalid_request' })
})

test.each<[string, Fault, RegExp]>([
  [
    'without an endpoint for them is told of',
    { endpoint: 'discovery', name: 'metadata', remove: ['pushed_authorization_request_endpoint'] },
    /name no endpoint for pushed requests/,
  ],
  [
    'whose endpoint is down is told of',
    pushed({ name: 'drop' }),
    /endpoint for pushed requests gives no answer/,
  ],
  ['that shows a page is told of', pushed({ name: 'gatewayError' }), /with the status 502/],
  [
    'that gives no request_uri is told of',
    pushed({ name: 'pushedResponse', remove: ['request_uri'] }),
    /with the status 201/,
  ],
  [
    'whose word is no plain text is quoted without what does not belong there',
    pushed({ name: 'oauthError', error: 'invalid_request"\n' }),
    / = invalid_request$/,
  ],
])('one %s', async (_, fault, expected) => {
  const { of } = await diagnose([fault])
  const { level, what, fix, evidence } = of('authorization')
  expect(level).toBe('error')
  expect([what, evidence?.['error']].join(' = ')).toMatch(expected)
  expect(fix).toMatch(/\.$/)
})
