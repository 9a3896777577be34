import type { AppName, Mode } from './apps/bench-app.ts'
import { type Row, Samples } from './row.ts'
import type { FrameAnswer } from './server.ts'
import { type Stage, visit } from './visit.ts'

/** Why a frame gives no response, and how it is brought about. */
const CLASSES: readonly {
  readonly name: string
  readonly frameAnswer?: FrameAnswer
  readonly policy?: string
}[] = [
  { name: "the page's own policy forbids frames", policy: "frame-src 'none'" },
  { name: 'the server refuses to be framed', frameAnswer: 'refused' },
  { name: 'the server shows a page', frameAnswer: 'page' },
  { name: 'the server answers 500', frameAnswer: 'status 500' },
  { name: 'the server does not answer', frameAnswer: 'none' },
]
const MODE_OF: Partial<Record<AppName, Mode>> = {
  sotto: 'memory',
  'auth0-spa-js': 'memory',
  'oidc-client-ts': 'frame',
}

/** How long a caller waits to be told that a frame gives no response; each library as it comes. */
export async function measureBlocked(stage: Stage): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name, frameAnswer = 'response', policy } of CLASSES) {
    const visits = await Promise.all(
      Object.entries(MODE_OF).map(async ([app, mode]) => ({
        app: app as AppName,
        visit: await visit(stage, app as AppName, mode),
      })),
    )
    for (const { visit } of visits) await visit.open()
    stage.apps.policy = policy
    for (const { visit } of visits) await visit.login()
    stage.server.frameAnswer = frameAnswer
    const times = new Samples()
    await Promise.all(
      visits.map(async ({ app, visit }) => {
        const seconds = await visit.page.evaluate(async () => {
          const begin = performance.now()
          const hasFailed = await window.app.renew().then(
            () => false,
            () => true,
          )
          return hasFailed ? (performance.now() - begin) / 1000 : undefined
        })
        if (seconds === undefined) throw new Error(`${app} has renewed although ${name}`)
        times.add(app, seconds)
      }),
    )
    stage.apps.policy = undefined
    stage.server.frameAnswer = 'response'
    for (const { visit } of visits) await visit.close()
    rows.push(times.toRow(`Until the error, where ${name}`, 's'))
  }
  return rows
}
