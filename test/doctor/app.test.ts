// The app's own web server: its redirect URI, headers and content security policy.
import { expect, test } from 'vitest'
import type { FindingId, FindingLevel } from '../../src/explain/finding.ts'
import { diagnosisOf, freePort, serve, serveMock } from '../support/doctor.ts'

interface Page {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An app that answers its paths so, and all others with its page; `{query}` is that of the request. */
async function diagnosisOfApp(pages: Readonly<Record<string, Page>>, path = '/callback') {
  const app = await serve(({ url = '' }, response) => {
    const [path = '', query = ''] = url.split('?')
    const { status = 200, headers = {}, body = '<!doctype html>' } = pages[path] ?? {}
    const { location } = headers
    const redirect = location && { location: location.replace('{query}', query && `?${query}`) }
    response.writeHead(status, { ...headers, ...redirect }).end(body)
  })
  const redirectUri = app + path
  const { issuer } = await serveMock({
    clients: [{ clientId: 'app', redirectUris: [redirectUri] }],
  })
  return { ...(await diagnosisOf({ issuer, app, redirectUri })), issuer, app }
}

const withPolicy = (policy: string): Readonly<Record<string, Page>> => ({
  '/': { headers: { 'content-security-policy': policy } },
})

test('finds nothing wrong with an app that has no policy', async () => {
  const { wrong, findings } = await diagnosisOfApp({})
  expect(wrong).toEqual([])
  expect(findings.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'callback_page',
      'callback_framing',
      'csp_frame',
      'csp_connect',
      'isolation',
    ]),
  )
})

type Row = readonly [string, Readonly<Record<string, Page>>, FindingId, FindingLevel, string]
const meta = (content: string): string =>
  `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${content}">`

test.each<Row>([
  ['no SPA fallback', { '/callback': { status: 404 } }, 'callback_page', 'error', 'index.html'],
  ['a callback that fails', { '/callback': { status: 500 } }, 'callback_page', 'error', 'with 500'],
  [
    'a callback that leads elsewhere',
    { '/callback': { status: 302, headers: { location: '/welcome' } } },
    'callback_page',
    'error',
    'redirects',
  ],
  [
    'a callback that is tidied',
    { '/callback': { status: 308, headers: { location: '/callback/{query}' } } },
    'callback_page',
    'ok',
    'answers',
  ],
  [
    'a callback that is tidied without its query',
    { '/callback': { status: 301, headers: { location: '/callback/' } } },
    'callback_page',
    'error',
    'without the query',
  ],
  [
    'X-Frame-Options: DENY',
    { '/callback': { headers: { 'x-frame-options': 'DENY' } } },
    'callback_framing',
    'hint',
    '(X-Frame-Options: DENY)',
  ],
  [
    'X-Frame-Options: SAMEORIGIN',
    { '/callback': { headers: { 'x-frame-options': 'SAMEORIGIN' } } },
    'callback_framing',
    'ok',
    'may be framed',
  ],
  [
    "frame-ancestors 'none'",
    { '/callback': { headers: { 'content-security-policy': "frame-ancestors 'none'" } } },
    'callback_framing',
    'hint',
    "frame-ancestors 'none'",
  ],
  ['a policy without the server', withPolicy("frame-src 'self'"), 'csp_frame', 'error', '{issuer}'],
  ['child-src', withPolicy("child-src 'self'"), 'csp_frame', 'error', '(child-src)'],
  ['default-src alone', withPolicy("default-src 'self'"), 'csp_frame', 'error', '(default-src)'],
  ['a policy without itself', withPolicy('frame-src http:'), 'csp_frame', 'ok', 'allows'],
  [
    'a policy for reports',
    { '/': { body: meta('').replace('Policy', 'Policy-Report-Only') } },
    'csp_frame',
    'ok',
    'allows',
  ],
  [
    'a policy of the page',
    { '/': { body: meta("frame-src 'none'") } },
    'csp_frame',
    'error',
    '{issuer}',
  ],
  [
    'connect-src',
    withPolicy("connect-src 'self'"),
    'csp_connect',
    'error',
    "connect-src 'self' {issuer}",
  ],
  [
    'default-src for requests',
    withPolicy("default-src 'self'"),
    'csp_connect',
    'error',
    '{issuer}',
  ],
  [
    'cross-origin isolation',
    {
      '/': {
        headers: {
          'cross-origin-embedder-policy': 'require-corp',
          'cross-origin-opener-policy': 'same-origin',
        },
      },
    },
    'isolation',
    'error',
    'Cross-Origin-Embedder-Policy',
  ],
  [
    'half of it',
    { '/': { headers: { 'cross-origin-opener-policy': 'same-origin-allow-popups' } } },
    'isolation',
    'ok',
    'not',
  ],
  [
    'a policy of the page with its quotes as entities',
    { '/': { body: meta('default-src &#x27;self&#x27; http: &#39;unsafe-inline&apos;') } },
    'csp_frame',
    'ok',
    'allows',
  ],
  [
    'a policy in a comment of the page',
    { '/': { body: `<p><!-- ${meta("frame-src 'none'")} -->${meta('img-src *')}` } },
    'csp_frame',
    'ok',
    'allows',
  ],
])('looks at the app: %s', async (_, pages, id, level, text) => {
  const { of, issuer } = await diagnosisOfApp(pages)
  const { what, fix } = of(id)
  expect(of(id).level).toBe(level)
  expect(`${what} ${fix}`).toContain(text.replace('{issuer}', issuer))
})

test('a redirect URI may have a query of its own', async () => {
  const { wrong } = await diagnosisOfApp({}, '/callback?app=shop')
  expect(wrong).toEqual([])
})

test('a frame that may not come back to the app is forbidden too', async () => {
  const { of, issuer } = await diagnosisOfApp({})
  expect(of('csp_frame').level).toBe('ok')
  const other = await diagnosisOfApp(withPolicy(`frame-src ${issuer}`))
  expect(other.of('csp_frame').fix).toContain(`frame-src 'self' ${other.issuer}`)
})

test('says that the app is not there, or is another one', async () => {
  const { issuer } = await serveMock()
  const app = `http://localhost:${await freePort()}`
  const { of } = await diagnosisOf({ issuer, app })
  expect(of('callback_page').what).toMatch(/gives no answer \(ECONNREFUSED\)/)
  expect(of('redirect_uri').what).toContain(`another origin than the app: ${app}`)
})
