import { expect, test } from 'vitest'
import type { LeaveOptions } from '../../src/authorization/leave-page.ts'
import { redirect, type RedirectContext } from '../../src/authorization/redirect.ts'

/** What the page is left with, for a request of this kind. */
async function leaveFor(kind: 'login' | 'fallback' | 'silent_redirect') {
  let options: LeaveOptions | undefined
  const leaver: RedirectContext['leaver'] = {
    leave: async (given) => void (options = given),
    overtake: () => false,
    abort: () => {},
  }
  const context = { leaver, options: {} } as RedirectContext
  const target = { scope: 'openid', resource: [], authorizationParams: {} }
  await redirect(context, target, { kind, responseMode: 'query' }, undefined)
  return options
}

test.each(['login', 'fallback'] as const)(
  'Back leads from a %s to the page before',
  async (kind) => {
    expect(await leaveFor(kind)).toMatchObject({ isLogout: false, isReplaced: false })
  },
)

test('Back does not lead to a page that was left for a silent request', async () => {
  expect(await leaveFor('silent_redirect')).toMatchObject({ isLogout: false, isReplaced: true })
})
