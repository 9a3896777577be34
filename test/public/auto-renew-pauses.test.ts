// @vitest-environment happy-dom
// When `autoRenew` tries again: pages that have lost a server at once do not come back to it at once.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, autoRenew } from 'sotto'
import { createClient, passTime, preparePage, type TestClient } from '../support/flow-client.ts'

const MINUTE = 60_000

beforeEach(preparePage)

/** A page that is signed in and renews by itself; its tokens live for 300 s. */
async function openPage(): Promise<TestClient> {
  const page = createClient()
  autoRenew(page.auth)
  await page.auth.start()
  return page
}

const backOnline = (): boolean => window.dispatchEvent(new Event('online'))

/** The seconds between renewals from now on, whether they succeed or fail. */
function watchPauses({ auth }: TestClient): number[] {
  const pauses: number[] = []
  let before = performance.now()
  auth.on('renewal', () => {
    pauses.push(Math.round((performance.now() - before) / 1000))
    before = performance.now()
  })
  return pauses
}

const down = Array.from({ length: 9 }, () => new AuthError('network_error'))

test.each([
  [0, [240, 30, 120, 300, 300, 300]],
  [0.5, [210, 45, 180, 450, 450, 450]],
])(
  'pages that have lost a server at once come back to it one after the other: chance %s',
  async (chance, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    const page = await openPage()
    const pauses = watchPauses(page)
    page.renewal.answers.push(...down)
    await passTime(30 * MINUTE)
    expect(pauses.slice(0, 6)).toEqual(expected)
  },
)

test.each([
  [30, 0, 30],
  [30, 0.5, 180],
  [1800, 0, 1800],
  [1800, 0.5, 1950],
])(
  'pages that a server has told %s s do not come back to it at once: chance %s',
  async (retryAfterSeconds, chance, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    const page = await openPage()
    const pauses = watchPauses(page)
    page.renewal.answers.push(new AuthError('server_error', { status: 429, retryAfterSeconds }))
    await passTime(40 * MINUTE)
    expect(pauses[1]).toBe(expected)
  },
)

test('pages that are online again at once do not renew at once', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const page = await openPage()
  page.renewal.answers.push(new AuthError('network_error'))
  await passTime(241_000)
  expect(page.renewal.requests).toHaveLength(2)
  vi.spyOn(Math, 'random').mockReturnValue(0.7)
  backOnline()
  await passTime(6990)
  expect(page.renewal.requests).toHaveLength(2)
  await passTime(20)
  expect(page.renewal.requests).toHaveLength(3)
})

test('a renewal that was begun without the network delays none that follows it', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const page = await openPage()
  const release = page.renewal.hold()
  page.renewal.answers.push(new AuthError('network_error'))
  await passTime(241_000)
  backOnline()
  release()
  await passTime(10_000)
  expect(page.renewal.requests).toHaveLength(3)
})
