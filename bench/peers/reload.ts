import type { AppName, Mode } from './apps/bench-app.ts'
import { inTurn, type Row, Samples } from './row.ts'
import { settle, type Stage, type Visit, visit } from './visit.ts'

export interface Reload {
  readonly mode: Mode
  readonly apps: readonly AppName[]
  readonly name: string
}

/** From the navigation until the user is known: loading and running the script is part of it. */
export async function measureReload(
  stage: Stage,
  rounds: number,
  { mode, apps, name }: Reload,
): Promise<Row[]> {
  const visits = new Map<AppName, Visit>()
  for (const app of apps) {
    const one = await visit(stage, app, mode)
    await one.open()
    await one.login()
    await one.reload()
    visits.set(app, one)
  }
  const [times, requests] = [new Samples(), new Samples()]
  await inTurn(rounds, apps, async (app, isCounted) => {
    const before = await settle(stage)
    const known = await visits.get(app)?.reload()
    const after = await settle(stage)
    if (!isCounted || !known) return
    times.add(app, known.sinceFetchMs)
    requests.add(app, after - before)
  })
  for (const { close } of visits.values()) await close()
  return [times.toRow(name, 'ms'), requests.toRow(`Requests of it`, 'requests')]
}
