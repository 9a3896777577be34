import { type AppName, PLAIN_APPS } from './apps/bench-app.ts'
import { inTurn, type Row, Samples } from './row.ts'
import { type Stage, type Visit, visit } from './visit.ts'

/** A call that the cache answers, with few and with many tokens in it. */
export async function measureCache(
  stage: Stage,
  rounds: number,
  allEntries: readonly number[],
): Promise<Row[]> {
  const visits = new Map<AppName, Visit>()
  for (const app of PLAIN_APPS) {
    const one = await visit(stage, app, 'memory')
    await one.open()
    await one.login()
    visits.set(app, one)
  }
  const rows: Row[] = []
  for (const entries of allEntries) {
    const times = new Samples()
    await inTurn(rounds, PLAIN_APPS, async (app, isCounted) => {
      const page = visits.get(app)?.page
      const time = await page?.evaluate((count) => window.app.measureCached(count), entries)
      if (isCounted && time != null) times.add(app, time)
    })
    const count = entries.toLocaleString('en')
    rows.push(times.toRow(`A cached token, ${count} in the cache`, 'µs'))
  }
  for (const { close } of visits.values()) await close()
  return rows
}
