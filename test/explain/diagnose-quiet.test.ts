// @vitest-environment happy-dom
// What `diagnose` leaves alone.
import { diagnose } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

test('sends nobody to log in', async () => {
  const onLoginRequired = vi.fn()
  const renewal = createRenewal(loginRequired(), loginRequired())
  const { auth } = createClient({ onLoginRequired }, { renewal })
  await auth.start()
  vi.useRealTimers()
  const { findings } = await diagnose(auth)
  expect(findings.map(({ id }) => id)).toContain('silent_request')
  expect(renewal.requests).toHaveLength(2)
  expect(onLoginRequired).not.toHaveBeenCalled()
})
