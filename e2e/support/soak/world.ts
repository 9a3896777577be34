import type { BrowserContext, Page } from '@playwright/test'
import { CLIENT_ID, type Pair } from '../serve.ts'
import { askInPage, startSoakClient, type SoakStorage } from './soak-page.ts'

/** A tab of the soak. While it is frozen it answers nothing, and holds what locks it has. */
export interface SoakTab {
  readonly page: Page
  readonly status: () => Promise<string>
  /** The same with what led to it. */
  readonly tell: () => Promise<string>
  /** Asks for a token; resolves with the code of the error, or nothing. */
  readonly ask: (cacheMode: 'on' | 'off') => Promise<string | undefined>
  readonly isFrozen: () => boolean
  readonly freeze: () => Promise<void>
  readonly thaw: () => Promise<void>
}

/** One tab that stays for all of the time, one that comes and goes, and the server. */
export interface SoakWorld {
  readonly pair: Pair
  readonly context: BrowserContext
  readonly first: SoakTab
  readonly second: SoakTab | undefined
  /** Those that are not frozen. */
  readonly awake: () => readonly SoakTab[]
  readonly openSecond: () => Promise<void>
  readonly closeSecond: () => Promise<void>
  /** Lets time pass at the server and in all tabs. */
  readonly pass: (seconds: number) => Promise<void>
  /** Sets the system clock of the device. */
  readonly setClock: (aheadMs: number) => Promise<void>
  readonly refuseStorage: (refuses: boolean) => Promise<void>
  readonly startAll: () => Promise<void>
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

export async function createWorld(
  first: Page,
  context: BrowserContext,
  pair: Pair,
  storage: SoakStorage,
): Promise<SoakWorld> {
  let aheadMs = 0
  let passedMs = 0
  /** What a frozen tab has missed, in milliseconds. */
  let missedMs = 0
  const client = { issuer: pair.issuer, clientId: CLIENT_ID, storage }
  const start = async (page: Page): Promise<string> =>
    page.evaluate(startSoakClient, { ...client, aheadMs })
  const everywhere = async <Value>(work: (value: Value) => void, value: Value): Promise<void> => {
    await Promise.all(world.awake().map(({ page }) => page.evaluate(work as never, value)))
  }

  const world: Writable<SoakWorld> = {
    pair,
    context,
    first: await createTab(first),
    second: undefined,
    awake: () =>
      [world.first, world.second].filter((tab): tab is SoakTab => !!tab && !tab.isFrozen()),
    async openSecond() {
      const page = await context.newPage()
      await page.goto(pair.app.origin)
      await page.evaluate((ms) => passSoakTime(ms), passedMs)
      missedMs = 0
      world.second = await createTab(page)
      await start(page)
    },
    async closeSecond() {
      const { second } = world
      world.second = undefined
      await second?.thaw()
      await second?.page.close()
    },
    async pass(seconds: number) {
      pair.control.advanceClock({ seconds })
      passedMs += seconds * 1000
      const { second } = world
      if (second?.isFrozen()) missedMs += seconds * 1000
      else if (second && missedMs) {
        await second.page.evaluate((ms) => passSoakTime(ms), missedMs)
        missedMs = 0
      }
      await everywhere((ms: number) => passSoakTime(ms), seconds * 1000)
    },
    async setClock(ahead: number) {
      aheadMs = ahead
      await everywhere((ms: number) => setSystemClock(ms), aheadMs)
    },
    async refuseStorage(refuses: boolean) {
      await everywhere((isRefused: boolean) => {
        globalThis.refusesStorage = isRefused
      }, refuses)
    },
    async startAll() {
      for (const { page } of world.awake()) {
        await page.evaluate(() => globalThis.auth?.dispose())
        await start(page)
      }
    },
  }
  return world
}

async function createTab(page: Page): Promise<SoakTab> {
  const devtools = await page.context().newCDPSession(page)
  let isFrozen = false
  return {
    page,
    status: () => page.evaluate(() => auth.getSnapshot().status),
    tell: () => page.evaluate(() => tellSession()),
    ask: (cacheMode) => page.evaluate(askInPage, cacheMode),
    isFrozen: () => isFrozen,
    // Playwright keeps every page in front, and such a page is never frozen; one that is held in a
    // debugger stands as still.
    async freeze() {
      isFrozen = true
      await devtools.send('Debugger.enable')
      await devtools.send('Debugger.pause')
    },
    async thaw() {
      if (!isFrozen) return
      isFrozen = false
      await devtools.send('Debugger.disable')
    },
  }
}
