// @vitest-environment happy-dom
import { exchangeToken, fetchUserInfo, revokeTokens, type AuthClient } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

const noAnswer = (): Promise<never> => new Promise(() => {})

test.each<[string, (auth: AuthClient) => Promise<unknown>]>([
  ['exchangeToken', (auth) => exchangeToken(auth, { subjectToken: 'any' })],
  ['fetchUserInfo', (auth) => fetchUserInfo(auth)],
  ['revokeTokens', (auth) => revokeTokens(auth)],
])('%s that waits for the server ends at once with its client', async (_, call) => {
  const server = createServer()
  let isQuiet = false
  const { auth, logIn } = createClient(
    { fetch: (...request) => (isQuiet ? noAnswer() : server.fetch(...request)) },
    { server },
  )
  await logIn()
  isQuiet = true
  let outcome: unknown = 'pending'
  call(auth).catch((error: unknown) => (outcome = error))
  await passTime(100)
  expect(outcome).toBe('pending')
  auth.dispose()
  await passTime(0)
  expect(outcome).toMatchObject({ code: 'disposed' })
})
