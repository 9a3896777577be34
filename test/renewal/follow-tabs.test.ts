// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest'
import { createTabHandlers, type FollowContext } from '../../src/renewal/follow-tabs.ts'

/** A tab that is told of a login elsewhere; what it does is what a test lets it do. */
function hearLogin({ isDisposed = false } = {}) {
  const session = {
    epoch: { generation: 'before', loggedOut: false },
    isShared: true,
    hear: () => ({ generation: 'after', loggedOut: false }),
    getSnapshot: () => ({ status: 'anonymous' }),
    entries: () => [],
    reload: vi.fn(async () => {}),
    restore: vi.fn(() => Promise.reject(new RangeError('a fault'))),
  }
  const context = {
    session,
    options: { scope: 'openid', resource: [], authorizationParams: {} },
    loginRequired: new Map(),
    pause: { end() {} },
    isDisposed: () => isDisposed,
    looking: undefined,
  } as unknown as FollowContext
  const told = { generation: 'after', loggedOut: false, sessionParams: undefined }
  createTabHandlers(() => context).onHint(told)
  return { session, looking: context.looking! }
}

test('looks at the storage three times, and asks the server then', async () => {
  const { session, looking } = hearLogin()
  await looking.catch(() => {})
  expect(session.reload).toHaveBeenCalledTimes(3)
  expect(session.restore).toHaveBeenCalledOnce()
})

test('a client that was disposed of meanwhile asks nothing', async () => {
  const { session, looking } = hearLogin({ isDisposed: true })
  await looking
  expect(session.restore).not.toHaveBeenCalled()
})

test('a fault of our own is not kept quiet', async () => {
  await expect(hearLogin().looking).rejects.toThrow(RangeError)
})
