// `npm run fleet`: ten thousand tabs with the library's own renewal code, on a simulated clock,
// with a server that fails. Prints tables; the exit code is 1 where a limit is exceeded.
import { PAGE_GLOBALS } from './browser.ts'
import { SET_UPS, type Fleet } from './fleet.ts'
import { compileLibrary } from './library.ts'
import { measureLoad, type Load } from './load.ts'
import { modelRequests, PEERS } from './peers.ts'
import { runMaintenance, runOffice, runOutage, type Report } from './scenario.ts'

const seed = Number(process.env['FLEET_SEED'] ?? 1)
const tabs = Number(process.env['FLEET_TABS'] ?? 10_000)
/** A tenth of the tabs: what is only shown, and held to no limit. */
const fewTabs = Math.round(tabs / 10)
const tokenSeconds = 300
const MILLION = 1_000_000
/** What the load after a failure may be, in steady loads. */
const MAX_FACTOR = 1.5
/** Of the users of an office that may come in one second. */
const MAX_SHARE = 1 / 3

// Nobody reads the stacks of errors here, and they take a third of the time.
Error.stackTraceLimit = 0
const load = await compileLibrary(PAGE_GLOBALS)
const options = { load, seed, tabs, tokenSeconds }
const failures: string[] = []

const report = await runOutage(options)
const { fleet, steady } = report
const maintained = await runMaintenance(fleet)
const office = await runOffice(fleet, 0.05)
const lost = await fleet.countLost()
const { server, users } = fleet
const usual = measureLoad(server, steady)
const after = measureLoad(server, report.afterOutage)
const [tabCount, userCount] = [countTabs(fleet), users.length]

print([
  `${format(tabCount)} tabs of ${format(userCount)} users, tokens of ${tokenSeconds} s, seed ${seed}`,
  '',
  '| stretch | requests per second | most in 10 s | × steady | a million tabs |',
  '| --- | --- | --- | --- | --- |',
  row('steady', usual),
  row('10 min without a server', measureLoad(server, report.outage)),
  row('2 min of 429, `Retry-After: 30`', measureLoad(server, report.busy)),
  row('10 min after that', after),
  row('5 min after 503 until one and the same date', measureLoad(server, maintained)),
  '',
  '| library | requests per user and hour | while the server is away |',
  '| --- | --- | --- |',
  ...SET_UPS.map((setUp) => {
    const perHour = measureLoad(server, steady, setUp).mean * 3600 * (2 / userCount)
    return `| Sotto, \`autoRenew\`, \`${setUp}()\` | ${format(perHour)} | growing pauses, by chance |`
  }),
  ...PEERS.map((peer) => {
    const perHour = modelRequests(peer, tokenSeconds, tabCount / userCount)
    return `| ${peer.name} (a model) | ${format(perHour)} | ${peer.outage} |`
  }),
  '',
])

hold('load after the outage, in steady loads', after.peakOfTen / usual.mean, MAX_FACTOR)
hold('its highest second, in highest seconds', after.peak / usual.peak, MAX_FACTOR)
const [dated, plain] = [maintained, steady].map((one) => measureLoad(server, one, 'refreshToken'))
// A frame does not see what the server asks for. Of half a fleet chance makes more.
hold(
  'refresh tokens after the date, most in 10 s, in steady ones',
  dated!.peakOfTen / plain!.peakOfTen,
  MAX_FACTOR,
)
hold(`most in a second of an office of ${office.users}`, office.peak, office.users * MAX_SHARE)
hold('sessions lost by the outage', report.lost, 0)
hold('sessions lost in the end', lost, 0)
hold('refresh tokens sent twice', server.reused, 0)

print(['', '| shown, without a limit | most in 10 s, × steady |', '| --- | --- |'])
await show('tokens of an hour', { ...options, tabs: fewTabs, tokenSeconds: 3600 })
await show('apps that ask every 30 s', { ...options, tabs: fewTabs, callEveryMs: 30_000 })

for (const failure of failures) process.stderr.write(`over the limit: ${failure}\n`)
if (failures.length) process.exitCode = 1

function hold(what: string, value: number, limit: number): void {
  const isOver = !(value <= limit)
  if (isOver) failures.push(what)
  print([`- ${what}: ${format(value)}, at most ${format(limit)}${isOver ? ' (OVER)' : ''}`])
}

async function show(what: string, given: Parameters<typeof runOutage>[0]): Promise<void> {
  const shown: Report = await runOutage(given)
  const before = measureLoad(shown.fleet.server, shown.steady).mean
  const most = measureLoad(shown.fleet.server, shown.afterOutage).peakOfTen
  print([`| ${what}: 10 min after the outage | ${format(most / before)} |`])
  if (shown.lost) failures.push(`${what}: ${shown.lost} sessions lost`)
}

function row(name: string, { mean, peakOfTen }: Load): string {
  const million = (peakOfTen * MILLION) / tabCount
  const numbers = [mean, peakOfTen, peakOfTen / usual.mean, million]
  return `| ${name} | ${numbers.map(format).join(' | ')} |`
}

function countTabs(given: Fleet): number {
  return given.users.reduce((sum, user) => sum + user.tabs.length, 0)
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 })
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
