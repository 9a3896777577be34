// @vitest-environment happy-dom
import { AuthError, getTokenWithPopup, loginWithPopup } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { preparePage } from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { createPopupClient } from '../support/popup-client.ts'

beforeEach(preparePage)

test('the token of a popup ends a pause, and what was refused before is known no more', async () => {
  const { auth, renewal, answerPopup } = createPopupClient()
  const login = loginWithPopup(auth)
  await answerPopup()
  await login
  const down = new AuthError('network_error')
  renewal.answers.push(loginRequired(), down, down)
  const orders = { scope: 'openid orders' }
  await expect(auth.getTokenSilently(orders)).rejects.toMatchObject({ code: 'login_required' })
  for (let count = 0; count < 2; count++)
    await auth.getTokenSilently({ scope: 'openid bills' }).catch(() => {})
  const popup = getTokenWithPopup(auth, orders)
  await answerPopup()
  const token = await popup
  expect(await auth.getTokenSilently(orders)).toBe(token)
  // Without the pause that two failures in a row make.
  expect(await auth.getTokenSilently({ scope: 'openid bills' })).toBeTypeOf('string')
})
