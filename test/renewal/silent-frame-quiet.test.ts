// What it means that a frame gives no answer.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSilentFrame } from '../support/silent-frame.ts'
import { issuer, redirectUri } from '../support/protocol-exchange.ts'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  })
})
afterEach(() => void vi.useRealTimers())

const query = { responseMode: 'query' } as const

/** The frame shows a page that does not answer, for long enough. */
async function stayQuiet({ asked, load }: ReturnType<typeof createSilentFrame>): Promise<void> {
  await asked()
  load()
  await vi.advanceTimersByTimeAsync(2500)
}

test('a frame that was never answered with these settings is a set-up that is wrong', async () => {
  const frame = createSilentFrame(query)
  const result = frame.ask()
  await stayQuiet(frame)
  const { error } = await result
  expect(error).toMatchObject({
    code: 'silent_blocked',
    reason: 'no_answer',
    retryable: false,
    evidence: { asked: `${issuer}/authorize`, redirectUri, loads: 1 },
  })
  expect(error!.message).toContain('Check client ID')
  expect(frame.told).toEqual([])
  expect(frame.context.frames.hasAnswered).toHaveBeenCalledWith(
    JSON.stringify(['query', redirectUri]),
  )
})

test('a frame that was answered before, and stays quiet, may be answered again', async () => {
  const frame = createSilentFrame(query, { hasAnswered: true })
  const result = frame.ask()
  await stayQuiet(frame)
  expect((await result).error).toMatchObject({
    code: 'silent_blocked',
    reason: 'no_answer',
    retryable: true,
  })
  expect(frame.told).toEqual(['stayed quiet'])
  expect(frame.context.server.isReachable).not.toHaveBeenCalled()
})

test('a server that is there, and has been quiet for ten seconds, shows its login page', async () => {
  const frame = createSilentFrame(query, { hasAnswered: true, quietForMs: 10_000 })
  const result = frame.ask()
  await stayQuiet(frame)
  expect((await result).error).toMatchObject({
    code: 'interaction_required',
    reason: 'no_answer_after_success',
    evidence: { asked: `${issuer}/authorize`, loads: 1 },
  })
})

test.each([
  ['is out of reach', { quietForMs: 10_000, isReachable: false }, false, 1],
  ['was quiet for less', { quietForMs: 9_999 }, false, 0],
  ['is asked in the background', { quietForMs: 10_000 }, true, 0],
])('sends nobody to a server that %s', async (_, setUp, isInBackground, times) => {
  const frame = createSilentFrame(query, { hasAnswered: true, ...setUp })
  const result = frame.ask(isInBackground)
  await stayQuiet(frame)
  expect((await result).error).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(frame.context.server.isReachable).toHaveBeenCalledTimes(times)
})

test('what else goes wrong in a frame says nothing of a server that stays quiet', async () => {
  const frame = createSilentFrame(query, { hasAnswered: true })
  const result = frame.ask()
  await frame.asked()
  frame.frame.remove()
  await vi.advanceTimersByTimeAsync(100)
  expect((await result).error).toMatchObject({ code: 'silent_blocked', reason: 'removed' })
  expect(frame.told).toEqual([])
})
