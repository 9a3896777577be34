// Days of a session in a real page, in which everything goes wrong that can, as a seed has it. No
// session is lost but by the server's word, and nothing is left in the page. `npm run soak` takes
// half an hour; SOAK_MINUTES says how long it takes, and SOAK_SEED repeats a run that failed.
import { createRandom } from '../../bench/fleet/random.ts'
import { expect, test as base } from '../support/fixtures.ts'
import { type Footprint, createScale } from '../support/soak/measure.ts'
import { createOracle } from '../support/soak/oracle.ts'
import { installSoakPage, STORAGES } from '../support/soak/soak-page.ts'
import { nextStep } from '../support/soak/steps.ts'
import { createWorld, type SoakTab } from '../support/soak/world.ts'

/** So many steps after the last calm. */
const ROUND = 20
/** Rounds in which a page reaches the size that it has from then on. */
const WARM_UP = 3
/** What a page may have more than it had then. */
const ALLOWED: Footprint = { frames: 0, timers: 0, listeners: 0, heapBytes: 1_000_000 }

interface Fixtures {
  /** How long it takes: an option of the project. */
  readonly soakMinutes: number
  readonly signInAtServer: () => Promise<void>
}

const test = base.extend<Fixtures>({
  soakMinutes: [1, { option: true }],

  signInAtServer: async ({ context, pair }, use) =>
    use(async () => {
      const [name = '', value = ''] = pair.control.signIn({ user: 'alice' }).cookie.split('=')
      await context.addCookies([{ name, value, url: pair.issuer, httpOnly: true, sameSite: 'Lax' }])
    }),
})

// Of simulated days there are many, and it is no subject here that a server ends a session then.
test.use({
  serverOptions: {
    refreshTokenSeconds: 3650 * 86_400,
    sessionIdleSeconds: 3650 * 86_400,
    sessionAbsoluteSeconds: 3650 * 86_400,
  },
})

test('no session is lost, and nothing is left in the page, whatever goes wrong', async ({
  page,
  context,
  pair,
  soakMinutes,
  signInAtServer,
}) => {
  const minutes = Number(process.env['SOAK_MINUTES'] ?? soakMinutes)
  // The same each time where it is one test among many.
  const seed = Number(process.env['SOAK_SEED'] ?? (minutes > 1 ? Date.now() % 1_000_000 : 1))
  process.stdout.write(`soak: ${minutes} min, SOAK_SEED=${seed}\n`)
  test.setTimeout(minutes * 60_000 + 120_000)
  const end = Date.now() + minutes * 60_000
  const random = createRandom(seed)
  await context.addInitScript(installSoakPage)
  await signInAtServer()
  await page.goto('/')
  const world = await createWorld(page, context, pair, STORAGES[seed % STORAGES.length]!)
  const oracle = createOracle(context, pair)
  await world.startAll()
  oracle.loggedIn()
  const scale = await createScale(page)
  const footprints: Footprint[] = []
  const history: string[] = []
  let wereStoragesRefused = false
  let listeners: readonly string[] = []

  const told = (what: string): string =>
    `${what}; seed ${seed}, the last steps:\n${history.slice(-2 * ROUND).join('\n')}`

  async function holdStatus(tab: SoakTab): Promise<void> {
    if ((await tab.status()) !== 'anonymous') return
    const what = `a session was lost: ${await tab.tell()}`
    // What the server said is heard a moment later.
    await expect.poll(oracle.mayBeOver, { message: told(what) }).toBe(true)
  }

  /** Everything works again, and enough time passes that everybody has noticed. */
  async function calmDown(): Promise<void> {
    history.push('calm')
    await context.setOffline(false)
    pair.control.clearFaults()
    await world.second?.thaw()
    await world.setClock(0)
    await world.refuseStorage(false)
    await world.pass(120)
    for (const tab of world.awake()) {
      const isEasy = pair.control.sessions().length > 0 || !wereStoragesRefused
      // A first call may meet what the last fault has left, such as a pause that was asked for.
      const failures = [await tab.ask('off')]
      if (failures[0] !== undefined) {
        await world.pass(120)
        failures.push(await tab.ask('off'))
      }
      // The server may have said so just now, and what it said is heard a moment later.
      if (failures.at(-1) !== undefined && isEasy)
        await expect
          .poll(oracle.mustBeAlive, { message: told(`no token (${failures.join()})`) })
          .toBe(false)
      await holdStatus(tab)
    }
    await world.closeSecond()
  }

  async function logInAgain(): Promise<void> {
    if (pair.control.sessions().length) return
    history.push('a login')
    await signInAtServer()
    await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
    oracle.loggedIn()
    wereStoragesRefused = false
  }

  for (let steps = 1; Date.now() < end; steps++) {
    const step = nextStep(random)
    history.push(step.name)
    await step.run(world)
    wereStoragesRefused ||= step.name.includes('refuses')
    for (const tab of world.awake()) await holdStatus(tab)
    if (steps % ROUND) continue
    await calmDown()
    await logInAgain()
    pair.control.clearRequests()
    footprints.push(await scale.measure())
    if (footprints.length === WARM_UP) listeners = await scale.listListeners()
  }

  await world.closeSecond()
  const before = footprints[WARM_UP - 1]
  // What a renewal under way has is there in one round; a leak is in all from then on.
  const last = footprints.slice(-WARM_UP)
  const least = (name: keyof Footprint): number => Math.min(...last.map((one) => one[name]))
  process.stdout.write(`soak: ${history.length} steps, ${JSON.stringify({ before, last })}\n`)
  const more = subtract(await scale.listListeners(), listeners)
  // A renewal may be under way.
  await page.evaluate(() => auth.dispose())
  if (more.length) process.stdout.write(`soak: listeners that are new: ${more.join('; ')}\n`)
  expect(footprints.length, 'rounds').toBeGreaterThan(2 * WARM_UP)
  for (const name of Object.keys(ALLOWED) as (keyof Footprint)[])
    expect(least(name), told(name)).toBeLessThanOrEqual(before![name] + ALLOWED[name])
})

/** What is in a list and not, or less often, in another. */
function subtract(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other]
  return list.filter((one) => {
    const index = rest.indexOf(one)
    if (index >= 0) rest.splice(index, 1)
    return index < 0
  })
}
