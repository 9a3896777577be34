import { expect, test, vi } from 'vitest'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { outcome } from '../support/protocol-exchange.ts'

const url = 'https://login.example/token'

/** What `fetch` gives where it has followed a redirect. */
const redirectedTo = (where: string): Response =>
  Object.defineProperties(new Response('{}'), {
    redirected: { value: true },
    url: { value: where },
  })

// covers fault:metadata-redirect
test.each([
  ['https://login.example/token/', 'answered'],
  ['https://login.example/elsewhere?a=1', 'answered'],
  ['https://evil.example/token', 'server_error/redirect'],
  ['https://login.example:444/token', 'server_error/redirect'],
  ['http://login.example/token', 'server_error/redirect'],
])('what is public may be redirected within its origin: %s is %s', async (where, expected) => {
  const bounded = createBoundedFetch(async () => redirectedTo(where), 1000)
  const answer = bounded(url)
  if (expected === 'answered') expect(await (await answer).text()).toBe('{}')
  else expect(await outcome(answer)).toBe(expected)
})

test.each([
  [undefined, 'follow'],
  ['GET', 'manual'],
  ['POST', 'manual'],
])('with the method %s a redirect is met with %s', async (method, redirect) => {
  const send = vi.fn(async () => new Response('{}'))
  await createBoundedFetch(send, 1000)(url, method ? { method } : {})
  expect(send.mock.calls[0]).toMatchObject([url, { redirect }])
})
