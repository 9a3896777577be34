// What the server answers to an authorization request that is not followed.
import type { Fault } from 'sotto/testing'
import { expect, test } from 'vitest'
import { checkRow, diagnosisOf, serve, type Row } from '../support/doctor.ts'

const answer = (set: Readonly<Record<string, string>>): Fault => ({
  endpoint: 'authorize',
  name: 'authorizationResponse',
  set,
})

const rows: readonly Row[] = [
  [
    'a redirect URI that is not registered',
    [],
    'authorization',
    'error',
    [
      'shows a page (status 400, “This does not work – Sotto mock”)',
      'http://localhost:5173/x',
      'character for character',
    ],
    { redirectUri: 'http://localhost:5173/x' },
  ],
  [
    'an unknown client',
    [],
    'authorization',
    'error',
    ['Check the client ID nobody'],
    { clientId: 'nobody' },
  ],
  [
    'an unknown audience',
    [answer({ error: 'invalid_target', error_description: 'no such API' })],
    'authorization',
    'error',
    ['(invalid_target)', 'audience https://api', '“no such API”', 'The audience is the APIs'],
    { audience: 'https://api' },
  ],
  [
    'a scope that is refused',
    [answer({ error: 'invalid_scope' })],
    'authorization',
    'error',
    ['(invalid_scope)', 'Ask only for scopes'],
  ],
  ['a state that is changed', [answer({ state: 'x' })], 'authorization', 'error', ['"state"']],
  [
    'an answer of another issuer',
    [answer({ iss: 'https://other.example' })],
    'authorization',
    'error',
    ['https://other.example'],
  ],
  [
    'an error page at another address',
    [{ endpoint: 'authorize', name: 'redirect', location: '/oops?error=unknown_client' }],
    'authorization',
    'error',
    ['/oops and says unknown_client', 'Check the client ID'],
  ],
  [
    'a login page in place of an answer',
    [{ endpoint: 'authorize', name: 'redirect', location: '/sign-in' }],
    'authorization',
    'hint',
    ['/sign-in in place of an answer', 'refreshToken()'],
  ],
  [
    'an authorization endpoint that fails',
    [{ endpoint: 'authorize', name: 'status', status: 500 }],
    'authorization',
    'error',
    ['fails with the status 500'],
  ],
  [
    'an authorization endpoint that breaks the connection',
    [{ endpoint: 'authorize', name: 'drop' }],
    'authorization',
    'error',
    ['gives no answer'],
  ],
  [
    'X-Frame-Options on the answer',
    [{ endpoint: 'authorize', name: 'xFrameOptions' }],
    'server_framing',
    'error',
    ['X-Frame-Options: DENY', 'Add http://localhost:5173'],
  ],
  [
    'frame-ancestors on the answer',
    [{ endpoint: 'authorize', name: 'frameAncestors', value: 'https://other.example' }],
    'server_framing',
    'error',
    ['frame-ancestors https://other.example'],
  ],
]

const named = rows.map((row) => ({ name: row[0], row }))

test.each(named)('says of $name what it is and what to do', ({ row }) => checkRow(row))

test('a page that begins its title without end is read at once', async () => {
  const issuer: string = await serve(({ url = '' }, response) => {
    const metadata = { issuer, authorization_endpoint: `${issuer}/authorize` }
    response.end(url.startsWith('/.well') ? JSON.stringify(metadata) : '<title'.repeat(170_000))
  })
  expect((await diagnosisOf({ issuer })).of('authorization').what).toContain('shows a page')
})
