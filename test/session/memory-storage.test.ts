// @vitest-environment happy-dom
// A session that is kept in the memory of its page alone.
import { beforeEach, expect, test, vi } from 'vitest'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import {
  bring,
  createToken,
  openTab,
  prepareTabs,
  signIn,
  type Tab,
} from '../support/session-tab.ts'

beforeEach(prepareTabs)

const openMemory = (): Tab => openTab(undefined, { openStore: () => undefined })

test('a page that has only memory finds nothing after a reload, and shares nothing', async () => {
  const tab = openMemory()
  await signIn(tab)
  expect(tab.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(tab.session.isShared).toBe(false)
  const next = openMemory()
  await next.session.restore()
  expect(next.session.identity).toBeUndefined()
  expect(next.session.entries()).toEqual([])
})

test('a refresh token in memory is marked by its page alone', async () => {
  const tab = openMemory()
  await signIn(tab)
  const held = tab.session.refreshToken!
  const marked = markSent(held, Date.now())
  expect(await tab.session.refreshTokens!.claim(held, marked)).toBe('claimed')
  expect(tab.session.refreshToken).toEqual(marked)
  await tab.session.refreshTokens!.settle({ sent: held.token, next: createToken('next') })
  expect(tab.session.refreshToken?.token).toBe('next')
})

test('a refresh token in memory is not marked for a session that another tab has ended', async () => {
  const [tab, other] = [openMemory(), openMemory()]
  await signIn(tab)
  await signIn(other)
  const held = tab.session.refreshToken!
  await other.session.end()
  expect(await tab.session.refreshTokens!.claim(held, markSent(held, Date.now()))).toBe('changed')
})

test('each page ends the refresh token of its own with the session', async () => {
  const [tab, other] = [openMemory(), openMemory()]
  await signIn(tab, 'alice', 'of this tab')
  await signIn(other, 'alice', 'of the other')
  const ended = await other.session.end()
  expect(ended.refreshToken?.token).toBe('of the other')
  tab.session.look()
  expect(tab.unneeded).toEqual(['of this tab'])
  expect(tab.session.refreshToken).toBeUndefined()
})

test('a session in memory is over when nothing that is good is left', async () => {
  const tab = openMemory()
  await signIn(tab)
  vi.advanceTimersByTime(300_001)
  expect(await tab.session.endIfOver()).toBe(false)
  await tab.session.refreshTokens!.settle({ sent: 'of alice', next: undefined })
  expect(await tab.session.endIfOver()).toBe(true)
  expect(tab.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
})

test('another user who comes back silently leaves no token of the first in memory', async () => {
  const tab = openMemory()
  await signIn(tab)
  const renewed = tab.session.renewed(...bring('bob'), {
    generation: tab.session.currentGeneration(),
    refreshToken: { sent: undefined, next: undefined },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'user_changed' })
  expect([tab.session.entries(), tab.session.refreshToken]).toEqual([[], undefined])
  expect(tab.unneeded).toEqual(['of alice'])
})
