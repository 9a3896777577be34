import type { Page } from '@playwright/test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppName } from './apps/bench-app.ts'
import { type Row, Samples } from './row.ts'
import { TAB_TOKEN_SECONDS } from './server.ts'
import { settle, type Stage, visit } from './visit.ts'

const TABS = 6
const CALLS = 5
const TAB_APPS: readonly AppName[] = ['sotto', 'auth0-spa-js', 'oidc-client-ts']

interface Outcome {
  readonly beginMs: number
  readonly endMs: number
  readonly failed: number
}

/**
 * Six tabs of one user, whose stored token has ended, ask five times each at once; the server
 * rotates the refresh token, and ends the session where a used one comes back.
 */
export async function measureTabs(stage: Stage, rounds: number): Promise<Row[]> {
  const [times, requests, failures] = [new Samples(), new Samples(), new Samples()]
  for (let round = 0; round < rounds; round++) {
    const all: {
      readonly app: AppName
      readonly pages: readonly Page[]
      close(): Promise<void>
    }[] = []
    for (const app of TAB_APPS) {
      const first = await visit(stage, app, 'tabs')
      await first.open()
      await first.login()
      const pages = [first.page]
      while (pages.length < TABS) pages.push(await first.openTab())
      all.push({ app, pages, close: first.close })
    }
    await sleep((TAB_TOKEN_SECONDS + 1) * 1000)
    for (const { app, pages, close } of all) {
      const before = await settle(stage)
      const outcomes = await Promise.all(pages.map((page) => page.evaluate(askAtOnce, CALLS)))
      const after = await settle(stage)
      const begin = Math.min(...outcomes.map(({ beginMs }) => beginMs))
      times.add(app, Math.max(...outcomes.map(({ endMs }) => endMs)) - begin)
      requests.add(app, after - before)
      failures.add(
        app,
        outcomes.reduce((sum, { failed }) => sum + failed, 0),
      )
      await close()
    }
  }
  return [
    times.toRow('Six tabs × five calls, a refresh token that rotates', 'ms'),
    requests.toRow('Requests of it', 'requests'),
    failures.toRow('Calls of it that failed', 'calls'),
  ]
}

/** Runs in the page. */
async function askAtOnce(calls: number): Promise<Outcome> {
  const beginMs = performance.timeOrigin + performance.now()
  const results = await Promise.allSettled(
    Array.from({ length: calls }, async () => window.app.getToken?.()),
  )
  const endMs = performance.timeOrigin + performance.now()
  return { beginMs, endMs, failed: results.filter(({ status }) => status === 'rejected').length }
}
