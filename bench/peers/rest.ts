import { setTimeout as sleep } from 'node:timers/promises'
import type { AppName, Mode } from './apps/bench-app.ts'
import { type Row, Samples } from './row.ts'
import { settle, type Stage, type Visit, visit } from './visit.ts'

/** Longer than servers keep an unused connection, and than metadata are often kept. */
const REST_MS = 6 * 60_000

export interface Rest {
  readonly mode: Mode
  readonly apps: readonly AppName[]
  readonly name: string
}

/** New tokens on pages that have rested: many pages, one rest, and then each in turn. */
export async function measureRest(
  stage: Stage,
  rounds: number,
  rests: readonly Rest[],
): Promise<Row[]> {
  const visits: { readonly name: string; readonly app: AppName; readonly visit: Visit }[] = []
  for (let round = 0; round < rounds; round++)
    for (const { mode, apps, name } of rests)
      for (const app of apps) {
        const one = await visit(stage, app, mode)
        await one.open()
        await one.login()
        visits.push({ name, app, visit: one })
      }
  await sleep(REST_MS)
  const samples = new Map(
    rests.map(({ name }) => [name, { times: new Samples(), requests: new Samples() }] as const),
  )
  for (const { name, app, visit } of visits) {
    const before = await settle(stage)
    const time = await visit.page.evaluate(async () => {
      const begin = performance.now()
      await window.app.renew()
      return performance.now() - begin
    })
    const after = await settle(stage)
    const of = samples.get(name)
    of?.times.add(app, time)
    of?.requests.add(app, after - before)
    await visit.close()
  }
  return [...samples].flatMap(([name, { times, requests }]) => [
    times.toRow(name, 'ms'),
    requests.toRow('Requests of it', 'requests'),
  ])
}
