// @vitest-environment happy-dom
// Somebody who is known not to be signed in stays so, whatever fails later: a guard sends them to
// log in, and an error would stop it.
import { beforeEach, expect, test } from 'vitest'
import { AuthError } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const passing = (): AuthError => new AuthError('network_error', { retryable: true })

test.each([passing(), new AuthError('silent_blocked', { reason: 'no_answer' })])(
  'a user whom the server does not know, after $code',
  async (error) => {
    const { auth } = createClient({}, { renewal: createRenewal(loginRequired(), error) })
    expect(await auth.start()).toEqual({ status: 'anonymous' })
    await passTime(10_000)
    await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: error.code })
    expect(auth.getSnapshot()).toEqual({ status: 'anonymous' })
  },
)

test('a user whose session has ended', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  await passTime(300_000)
  renewal.answers.push(loginRequired(), passing())
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  await passTime(10_000)
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'network_error' })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
})

test('but what fails before anybody is known is an error', async () => {
  const { auth } = createClient({}, { renewal: createRenewal(passing(), loginRequired()) })
  expect(await auth.start()).toMatchObject({ status: 'error', error: { code: 'network_error' } })
  await auth.getTokenSilently().catch(() => {})
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous' })
})
