// @vitest-environment happy-dom
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { createAuthClient, type ClientOptions } from 'sotto'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { anything, check, mutate, mutation, settle } from '../support/fuzz.ts'
import { clientId, createRenewal, issuer } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const NAMES = [
  ...['issuer', 'clientId', 'redirectUri', 'scope', 'audience', 'resource', 'authorizationParams'],
  ...['metadata', 'jwks', 'idTokenSignature', 'idTokenSigningAlg', 'trustedAudiences', 'renewal'],
  ...['tokenStorage', 'transactionStorage', 'onLoginRequired', 'responseMode', 'leewaySeconds'],
  ...['clockToleranceSeconds', 'timeoutMs', 'clientSecret'],
]

const options = fc.oneof(
  anything,
  mutation(NAMES, anything).map((change) =>
    mutate({ issuer, clientId, redirectUri: '/callback' }, change),
  ),
)

test('any options make a client, or are refused by the name of one', () =>
  check(options, 500, async (input) => {
    const outcome = await settle(() => createAuthClient(input as ClientOptions))
    if ('value' in outcome) return outcome.value.dispose()
    expect(outcome.error.code).toBe('config_invalid')
    return expect(outcome.error.reason).toMatch(/^\w+/)
  }))

test('no options of a login or of a token request are more than an AuthError', async () => {
  const server = createServer()
  const auth = createAuthClient({
    issuer,
    clientId,
    redirectUri: '/callback',
    fetch: server.fetch,
    navigate: () => {},
    renewal: [createRenewal().strategy],
  })
  const target = ['scope', 'audience', 'resource', 'authorizationParams']
  const login = mutation([...target, 'returnTo', 'appState', 'maxAge', 'acrValues'], anything)
  const call = mutation([...target, 'cacheMode', 'timeoutMs', 'detailed'], anything)
  await check(fc.record({ login, call }), 100, async (input) => {
    await passTime(3001)
    await settle(() => auth.loginWithRedirect(mutate({}, input.login)))
    const token = settle(() => auth.getTokenSilently(mutate({}, input.call)))
    await passTime(10_000)
    await token
  })
  auth.dispose()
})
