// @vitest-environment happy-dom
import { initiateLogin } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { issuer } from '../support/flow-tokens.ts'
import { withPollution } from '../support/polluted-prototype.ts'

beforeEach(preparePage)

const page = (parameters: Readonly<Record<string, string>>): string =>
  `http://localhost:3000/login?${new URLSearchParams(parameters).toString()}`

// covers spec:initiated-login
test('begins a login with the hint, and comes back to the target', async () => {
  const { auth, visits, answer } = createClient()
  const url = page({ iss: issuer, login_hint: 'alice@example.com', target_link_uri: '/orders?a=1' })
  expect(await initiateLogin(auth, { url })).toBe(true)
  expect(visits[0]?.searchParams.get('login_hint')).toBe('alice@example.com')
  const { path } = await auth.handleRedirectCallback({ url: answer('alice') })
  expect(path).toBe('/orders?a=1')
})

test.each([
  ['no', {}],
  ['an empty', { target_link_uri: '' }],
])(
  'takes the address of the page, and comes back to the start where it has %s target',
  async (_, target) => {
    const { auth, answer } = createClient()
    history.replaceState(null, '', page({ iss: issuer, ...target }))
    expect(await initiateLogin(auth)).toBe(true)
    expect(await auth.handleRedirectCallback({ url: answer('alice') })).toMatchObject({ path: '/' })
  },
)

test('a page that no server has opened begins nothing', async () => {
  const { auth, visits } = createClient()
  expect(await initiateLogin(auth, { url: page({ login_hint: 'alice' }) })).toBe(false)
  expect(visits).toEqual([])
})

// covers spec:initiated-login
test.each(['https://evil.example', `${issuer}/`, '', issuer.toUpperCase()])(
  'a link of the server %j begins nothing',
  async (iss) => {
    const { auth, visits } = createClient()
    await expect(initiateLogin(auth, { url: page({ iss }) })).rejects.toMatchObject({
      code: 'issuer_mismatch',
    })
    expect(visits).toEqual([])
  },
)

// covers spec:initiated-login
test.each([
  'https://evil.example/',
  '//evil.example',
  'javascript:alert(1)',
  'http://localhost:4/',
])('the target %s begins nothing', async (target) => {
  const { auth, visits } = createClient()
  const url = page({ iss: issuer, target_link_uri: target })
  await expect(initiateLogin(auth, { url })).rejects.toMatchObject({ code: 'return_to_invalid' })
  expect(visits).toEqual([])
})

test('a hint that is no hint is left out, and so is whatever else the link says', async () => {
  const { auth, visits } = createClient()
  const more = { client_id: 'evil', prompt: 'none', scope: 'all', state: 'x' }
  await initiateLogin(auth, { url: page({ iss: issuer, login_hint: 'x'.repeat(256), ...more }) })
  const { searchParams } = visits[0]!
  expect(searchParams.has('login_hint')).toBe(false)
  expect(searchParams.has('prompt')).toBe(false)
  expect([searchParams.get('client_id'), searchParams.get('scope')]).toEqual([
    'app',
    'email openid profile',
  ])
})

test('an option of every object is no option', async () => {
  const { auth, visits } = createClient()
  const url = page({ iss: issuer })
  await withPollution({ url, login_hint: 'evil' }, () => initiateLogin(auth))
  expect(visits).toEqual([])
})

test('refuses an address that is none, and a client that is disposed of', async () => {
  const { auth } = createClient()
  for (const url of [5 as never, 'http://['])
    await expect(initiateLogin(auth, { url })).rejects.toMatchObject({
      code: 'config_invalid',
      reason: 'url',
    })
  auth.dispose()
  await expect(initiateLogin(auth)).rejects.toMatchObject({ code: 'disposed' })
})
