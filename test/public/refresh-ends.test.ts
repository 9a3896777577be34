// @vitest-environment happy-dom
// What ends a session whose refresh token the server has ended.
import { beforeEach, expect, test } from 'vitest'
import { AuthError, type RenewalStrategy } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const blocked = (): AuthError => new AuthError('silent_blocked', { reason: 'csp' })

const saysNothing = [
  ['a frame could not ask', blocked()],
  ['a frame may not ask', new AuthError('authorization_error', { oauthError: 'invalid_request' })],
  ['a frame was denied', new AuthError('access_denied', { oauthError: 'access_denied' })],
  ["one of the app's own has thrown", new TypeError('no function')],
] as const

for (const isFirst of [false, true])
  test.each(saysNothing)(
    `a session ends with its refresh token where %s ${isFirst ? 'before' : 'after'} it`,
    async (_, error) => {
      const refresh = createRenewal()
      const other: RenewalStrategy = () => Promise.reject(error)
      const renewal = isFirst ? [other, refresh.strategy] : [refresh.strategy, other]
      const { auth } = createClient({ renewal })
      await auth.getTokenSilently()
      await passTime(300_000)
      refresh.answers.push(new AuthError('session_expired'))
      await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'session_expired' })
      expect(auth.getSnapshot().status).toBe('anonymous')
    },
  )
