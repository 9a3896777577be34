// @vitest-environment happy-dom
// What goes with the request to end the server's session.
import { beforeEach, expect, test } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const parametersOf = (url: URL | undefined) => Object.fromEntries(url?.searchParams ?? [])

test('logoutParams go with the request, also those without a value', async () => {
  const { auth, visits } = createClient()
  await auth.getTokenSilently()
  await auth.logout({
    logoutParams: { logout_uri: 'https://app.example.com/out?a=1', federated: '' },
  })
  expect(parametersOf(visits[0])).toMatchObject({
    client_id: 'app',
    logout_uri: 'https://app.example.com/out?a=1',
    federated: '',
  })
})

test.each(['client_id', 'id_token_hint', 'post_logout_redirect_uri', 'state'])(
  'refuses %s among logoutParams, before anybody is signed out',
  async (name) => {
    const { auth } = createClient()
    await auth.getTokenSilently()
    await expect(auth.logout({ logoutParams: { [name]: 'x' } })).rejects.toMatchObject({
      code: 'config_invalid',
      reason: `logoutParams.${name}`,
    })
    expect(auth.getSnapshot().status).toBe('authenticated')
  },
)

test('refuses logoutParams that are no text', async () => {
  const { auth } = createClient()
  const logoutParams = { federated: {} } as unknown as Record<string, string>
  await expect(auth.logout({ logoutParams })).rejects.toMatchObject({ code: 'config_invalid' })
})

// covers fault:logout-long-hint
test.each([
  [3000, true],
  [4000, false],
])('an ID token with %d characters of groups is the hint of a logout: %s', async (size, isSent) => {
  const renewal = createRenewal({ claims: { groups: 'g'.repeat((size * 3) / 4) } })
  const { auth, visits } = createClient({}, { renewal })
  await auth.getTokenSilently()
  await auth.logout()
  expect(parametersOf(visits[0])['client_id']).toBe('app')
  expect('id_token_hint' in parametersOf(visits[0])).toBe(isSent)
})
