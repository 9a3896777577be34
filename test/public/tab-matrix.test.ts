// @vitest-environment happy-dom
// Two tabs, and a third that is opened later: something happens in one of them, with each storage,
// each way to renew, and what a browser may lack or do wrong. Whatever it is, all of this holds.
import { beforeEach, expect, test, vi } from 'vitest'
import { revokeTokens } from 'sotto'
import { passTime, type TestClient } from '../support/flow-client.ts'
import { advance, rest, settle, watchCryptography } from '../support/real-time.ts'
import {
  createBrowser,
  createMatrixServer,
  deliver,
  RENEWALS,
  STORAGES,
  type Browser,
  type Kind,
} from '../support/tab-matrix.ts'

beforeEach(watchCryptography)

const server = createMatrixServer()
const off = { cacheMode: 'off' } as const

interface Happening {
  /**
   * Who may be signed in afterwards: `alice`, who was, in all tabs; in those that can still ask;
   * `bob`; or nobody.
   */
  readonly leaves: 'alice' | 'perhaps alice' | 'bob' | 'nobody'
  /** What happens, in the other of two tabs. */
  readonly run: (browser: Browser, other: TestClient) => unknown
}

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'a login of the same user': {
    leaves: 'alice',
    run: (browser, other) => browser.logIn(other, 'alice'),
  },
  'a login of another user': {
    leaves: 'bob',
    run: (browser, other) => browser.logIn(other, 'bob'),
  },
  'a logout': {
    leaves: 'nobody',
    run(browser, other) {
      Object.assign(browser, { serverUser: undefined })
      server.control.endSessions()
      return settle(other.auth.logout())
    },
  },
  'a logout here only': {
    leaves: 'nobody',
    run: (_, { auth }) => settle(auth.logout({ localOnly: true })),
  },
  'a logout, and a login of the same user': {
    leaves: 'perhaps alice',
    async run(browser, other) {
      await settle(other.auth.logout({ localOnly: true }))
      await browser.logIn(other, 'alice')
    },
  },
  'a logout, and a login of another user': {
    leaves: 'bob',
    async run(browser, other) {
      await settle(other.auth.logout({ localOnly: true }))
      await browser.logIn(other, 'bob')
    },
  },
  'a login of another user, and of the same again': {
    leaves: 'perhaps alice',
    async run(browser, other) {
      await browser.logIn(other, 'bob')
      await browser.logIn(other, 'alice')
    },
  },
  'a refresh': { leaves: 'alice', run: (browser, other) => browser.ask(other, off) },
  'the end of the session at the server': {
    leaves: 'perhaps alice',
    run(browser) {
      Object.assign(browser, { serverUser: undefined })
      server.control.endSessions()
      server.control.revokeRefreshTokens()
    },
  },
  'a revocation': { leaves: 'perhaps alice', run: (_, { auth }) => settle(revokeTokens(auth)) },
  'the end of the tab in the middle of a refresh': {
    leaves: 'alice',
    async run(browser, { auth }) {
      Object.assign(browser, { latencyMs: 500 })
      auth.getTokenSilently(off).catch(() => {})
      await advance(100)
      auth.dispose()
      await advance(1000)
    },
  },
  'the end of the tab': { leaves: 'alice', run: (_, { auth }) => auth.dispose() },
}

interface Setting {
  readonly before?: (browser: Browser) => unknown
  /** What the first tab is doing meanwhile. */
  readonly meanwhile?: (tab: TestClient, browser: Browser) => Promise<unknown>
  readonly after?: (browser: Browser) => unknown
  /** Whether a tab may be without a way to renew then. */
  readonly isPoor?: boolean
}

/** As a later version of the library leaves it. */
function writeNewerRecord({ records }: Browser): void {
  for (const [key, record] of records) records.set(key, { ...(record as object), v: 2 })
  for (const [key, text] of Object.entries(localStorage) as [string, string][])
    if (key.startsWith('sotto:session'))
      localStorage.setItem(key, JSON.stringify({ ...(JSON.parse(text) as object), v: 2 }))
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  'as it is': {},
  'while the first renews': { meanwhile: ({ auth }) => auth.getTokenSilently(off) },
  'while the first asks for another scope': {
    meanwhile: ({ auth }) => auth.getTokenSilently({ scope: 'email offline_access', ...off }),
  },
  'while a third starts': { meanwhile: (_, browser) => browser.open() },
  'where messages are lost': {
    before: () => vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockReturnValue(),
  },
  'without a channel': { before: () => vi.stubGlobal('BroadcastChannel', undefined) },
  'without locks': {
    before: () =>
      Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true }),
  },
  'without cookies in frames': {
    isPoor: true,
    before: (browser) => Object.assign(browser, { areCookiesBlocked: true }),
  },
  'with a storage that fails before': {
    isPoor: true,
    before: (browser) => Object.assign(browser, { isStorageBroken: true }),
  },
  'with a storage that fails after it': {
    isPoor: true,
    after: (browser) => Object.assign(browser, { isStorageBroken: true }),
  },
  'with a record of a later version': { isPoor: true, after: writeNewerRecord },
}

const KINDS = STORAGES.flatMap((storage) => RENEWALS.map((renewal) => ({ storage, renewal })))
const isWhole = process.env['MATRIX'] === 'whole'

/** By turns: a third of the kinds as it is, one for every other cell else. All take a minute. */
const cells = Object.keys(SETTINGS).flatMap((setting, row) =>
  Object.keys(HAPPENINGS).flatMap((happening, column) =>
    KINDS.filter((_, index) => {
      const place = index + 7 * row + 5 * column
      return isWhole || place % (row ? 3 * KINDS.length : 4) === 0
    }).map((kind) => [happening, setting, kind.storage, kind.renewal] as const),
  ),
)

/** Two tabs of alice. */
async function openTwo(kind: Kind): Promise<readonly [Browser, TestClient, TestClient]> {
  const browser = createBrowser(server, kind)
  const first = await browser.open()
  await browser.logIn(first, 'alice')
  const other = await browser.open()
  await deliver()
  if ((await other.auth.getUser()) === undefined) await browser.logIn(other, 'alice')
  await deliver()
  return [browser, first, other]
}

test.each(cells)('%s, %s: %s, %s', async (name, setting, storage, renewal) => {
  const { leaves, run } = HAPPENINGS[name]!
  const { before, meanwhile, after, isPoor = false } = SETTINGS[setting]!
  const [browser, first, other] = await openTwo({ storage, renewal })
  before?.(browser)
  let isSettled = !meanwhile
  if (meanwhile) browser.latencyMs = 500
  void meanwhile?.(first, browser)
    .catch(() => {})
    .finally(() => (isSettled = true))
  if (meanwhile) await advance(100)
  await run(browser, other)
  await deliver()
  browser.latencyMs = 0
  after?.(browser)
  const { requests } = browser
  const answers: string[] = []
  for (let round = 0; round < 2; round++) {
    for (const call of [{}, off]) {
      answers.push(await browser.ask(first, call))
      if (!name.startsWith('the end of the tab')) answers.push(await browser.ask(other, call))
    }
    await passTime(400_000)
    await rest()
  }
  const last = await browser.ask(await browser.open())

  expect(browser.wrong).toEqual([])
  expect(isSettled).toBe(true)
  expect(browser.requests - requests, 'a storm of requests').toBeLessThanOrEqual(14)
  const isSomebodyElse = leaves === 'bob' ? /alice/ : leaves === 'nobody' ? /alice|bob/ : /bob/
  expect([...answers, last].join(' ')).not.toMatch(isSomebodyElse)
  if (leaves === 'alice' && !isPoor) expect([...new Set(answers)]).toEqual(['alice'])
})
