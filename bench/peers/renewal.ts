import type { AppName, Mode } from './apps/bench-app.ts'
import { inTurn, type Row, Samples } from './row.ts'
import { settle, type Stage, type Visit, visit } from './visit.ts'

export interface Renewal {
  readonly mode: Mode
  readonly apps: readonly AppName[]
  readonly name: string
  readonly delayMs: number
}

/** New tokens on a page that has just logged in. */
export async function measureRenewal(
  stage: Stage,
  rounds: number,
  { mode, apps, name, delayMs }: Renewal,
): Promise<Row[]> {
  const visits = new Map<AppName, Visit>()
  for (const app of apps) {
    const one = await visit(stage, app, mode)
    await one.open()
    await one.login()
    visits.set(app, one)
  }
  const [times, requests] = [new Samples(), new Samples()]
  stage.server.delayMs = delayMs
  await inTurn(rounds, apps, async (app, isCounted) => {
    const before = await settle(stage)
    const time = await visits.get(app)?.page.evaluate(async () => {
      const begin = performance.now()
      await window.app.renew()
      return performance.now() - begin
    })
    const after = await settle(stage)
    if (!isCounted || time === undefined) return
    times.add(app, time)
    requests.add(app, after - before)
  })
  stage.server.delayMs = 0
  for (const { close } of visits.values()) await close()
  return [
    times.toRow(`${name}, ${delayMs} ms at the server`, 'ms'),
    ...(delayMs === 0 ? [requests.toRow('Requests of it', 'requests')] : []),
  ]
}
