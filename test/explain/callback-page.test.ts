// @vitest-environment happy-dom
// What `diagnose` says of the app's own web server at the redirect URI.
import { createAuthClient, diagnose } from 'sotto'
import { expect, onTestFinished, test } from 'vitest'

test.each([
  ['without its query', '', 'query', 'error', 'without the query'],
  ['with its query', '?sotto-probe=1', 'query', 'ok', 'The redirect URI answers'],
  ['without a query that nothing needs', '', 'fragment', 'ok', 'The redirect URI answers'],
] as const)('sees a callback that is led on %s', async (_, query, responseMode, level, what) => {
  const lead = async (input: string | URL | Request): Promise<Response> => {
    if (new URL(String(input)).pathname !== '/callback') throw new TypeError('failed')
    return Object.defineProperties(new Response('<!doctype html>'), {
      url: { value: `http://localhost:3000/callback/${query}` },
      redirected: { value: true },
    })
  }
  const issuer = 'https://login.example.com'
  const options = { issuer, clientId: 'app', redirectUri: '/callback', renewal: [], fetch: lead }
  const auth = createAuthClient({ ...options, responseMode }, new Map())
  onTestFinished(() => auth.dispose())
  const { findings } = await diagnose(auth)
  const found = findings.find(({ id }) => id === 'callback_page')
  expect(found?.level).toBe(level)
  expect(found?.what).toContain(what)
})
