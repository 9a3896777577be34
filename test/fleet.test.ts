// A small fleet of bench/fleet; `npm run fleet` has the large one, and says what is measured.
import { expect, onTestFinished, test } from 'vitest'
import { PAGE_GLOBALS } from '../bench/fleet/browser.ts'
import { compileLibrary } from '../bench/fleet/library.ts'
import { measureLoad } from '../bench/fleet/load.ts'
import { runOutage } from '../bench/fleet/scenario.ts'

test('tabs that have lost their server keep their sessions, and do not storm it', async () => {
  const { stackTraceLimit } = Error
  onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit))
  Error.stackTraceLimit = 0
  const load = await compileLibrary(PAGE_GLOBALS)
  const report = await runOutage({ load, seed: 1, tabs: 50, tokenSeconds: 300 })
  const { server } = report.fleet
  expect(report.lost).toBe(0)
  expect(server.reused).toBe(0)
  // Of so few each counts: a fifth more than what is held of many.
  const usual = measureLoad(server, report.steady).mean
  expect(measureLoad(server, report.outage).mean).toBeLessThan(2 * usual)
  expect(measureLoad(server, report.afterOutage).mean).toBeLessThan(1.5 * usual)
})
