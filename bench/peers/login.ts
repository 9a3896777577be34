import { APPS } from './apps/bench-app.ts'
import { inTurn, type Row, Samples } from './row.ts'
import { settle, type Stage, visit } from './visit.ts'

/** First logins, each in a browser that knows nothing yet: no session, no metadata, no script. */
export async function measureLogin(stage: Stage, rounds: number, delayMs: number): Promise<Row[]> {
  const [login, callback, requests] = [new Samples(), new Samples(), new Samples()]
  stage.server.delayMs = delayMs
  await inTurn(rounds, APPS, async (app, isCounted) => {
    const before = stage.server.requestCount
    const { open, login: logIn, close } = await visit(stage, app, 'memory')
    await open()
    await settle(stage)
    const known = await logIn()
    const after = await settle(stage)
    await close()
    if (!isCounted) return
    login.add(app, known.sinceClickMs)
    callback.add(app, known.sinceFetchMs)
    requests.add(app, after - before)
  })
  stage.server.delayMs = 0
  const at = `${delayMs} ms at the server`
  return [
    login.toRow(`First login, from the click, ${at}`, 'ms'),
    callback.toRow(`Its callback alone, ${at}`, 'ms'),
    ...(delayMs === 0 ? [requests.toRow('Requests of a first login', 'requests')] : []),
  ]
}
