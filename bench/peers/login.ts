import { APPS, type AppName } from './apps/bench-app.ts'
import { inTurn, type Row, Samples } from './row.ts'
import { settle, type Stage, type Visit, visit } from './visit.ts'

/** First logins, each in a browser that knows nothing yet: no session, no metadata, no script. */
export async function measureFirstLogin(
  stage: Stage,
  rounds: number,
  delayMs: number,
): Promise<Row[]> {
  const samples = new LoginSamples()
  stage.server.delayMs = delayMs
  await inTurn(rounds, APPS, async (app, isCounted) => {
    const one = await visit(stage, app, 'memory')
    await samples.take(stage, app, one, isCounted)
    await one.close()
  })
  stage.server.delayMs = 0
  return samples.toRows('First login', delayMs)
}

/**
 * Logins of somebody who has logged in here before, and whose session has ended: the browser has
 * the script, and what it compiled of it.
 */
export async function measureLaterLogin(
  stage: Stage,
  rounds: number,
  delayMs: number,
): Promise<Row[]> {
  const samples = new LoginSamples()
  const visits = new Map<AppName, Visit>()
  for (const app of APPS) {
    const one = await visit(stage, app, 'memory')
    await one.open()
    await one.login()
    visits.set(app, one)
  }
  stage.server.delayMs = delayMs
  await inTurn(rounds, APPS, async (app, isCounted) => {
    const one = visits.get(app)
    if (!one) return
    await one.endSession()
    await samples.take(stage, app, one, isCounted)
  })
  stage.server.delayMs = 0
  for (const { close } of visits.values()) await close()
  return samples.toRows('Later login', delayMs)
}

class LoginSamples {
  readonly #login = new Samples()
  readonly #callback = new Samples()
  readonly #requests = new Samples()

  async take(stage: Stage, app: AppName, one: Visit, isCounted: boolean): Promise<void> {
    const before = await settle(stage)
    await one.open()
    await settle(stage)
    const known = await one.login()
    const after = await settle(stage)
    if (!isCounted) return
    this.#login.add(app, known.sinceClickMs)
    this.#callback.add(app, known.sinceFetchMs)
    this.#requests.add(app, after - before)
  }

  toRows(name: string, delayMs: number): Row[] {
    const at = `${delayMs} ms at the server`
    return [
      this.#login.toRow(`${name}, from the click, ${at}`, 'ms'),
      this.#callback.toRow(`Callback of a ${name.toLowerCase()}, ${at}`, 'ms'),
      ...(delayMs === 0
        ? [this.#requests.toRow(`Requests of a ${name.toLowerCase()}`, 'requests')]
        : []),
    ]
  }
}
