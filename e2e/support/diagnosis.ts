// What the tests of diagnosis share: a page with the library and its explanations, and the table of
// docs/wrong-set-ups.md that both are held against.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { build } from 'esbuild'
import type * as Explain from 'sotto/explain'
import { expect, test as base } from './fixtures.ts'
import { CLIENT_ID, type Pair } from './serve.ts'

type Findings = Explain.Diagnosis['findings']
type Source = 'explain' | 'diagnose' | 'doctor'

declare global {
  /** The entry `sotto/explain`, as the page of these tests has it. */
  var explanations: typeof Explain
}

export const manual: string = readFileSync(
  new URL('../../docs/wrong-set-ups.md', import.meta.url),
  'utf8',
)

/** What the table says of a set-up: who tells the cause and the remedy, and in which words. */
function rowOf(setUp: string): { readonly source: Source; readonly words: readonly string[] } {
  const rows = manual.split('\n').map((line) => line.split(' | '))
  const row = rows.find(
    ([first, second]) => first === `| ${setUp}` && /^`?\w+`?$/.test(second ?? ''),
  )
  const words = [...(row?.[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
  return { source: (row?.[1] ?? '').replaceAll('`', '') as Source, words }
}

let bundled: Promise<string> | undefined

/** The library and what explains it in one module, as an app's bundler would deliver both. */
function bundle(): Promise<string> {
  const path = (name: string): string => fileURLToPath(import.meta.resolve(name))
  const contents = `export * from ${JSON.stringify(path('sotto'))}
import * as explanations from ${JSON.stringify(path('sotto/explain'))}
globalThis.explanations = explanations`
  bundled ??= build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
  return bundled
}

export const test: typeof base = base.extend({
  pair: async ({ pair }, use) => {
    const headers = { 'content-type': 'text/javascript' }
    pair.app.respondWith('/sotto.js', { headers, body: await bundle() })
    await use(pair)
  },
})

/** What a developer is told: the error of `start` in words, and the findings of the page. */
export async function told(
  page: Page,
): Promise<Readonly<Record<Exclude<Source, 'doctor'>, string>>> {
  const [explained, findings] = await page.evaluate(async () => {
    const snapshot = await auth.start()
    const { what, fix } =
      snapshot.status === 'error' ? explanations.explain(snapshot.error) : { what: '', fix: '' }
    return [`${what} ${fix}`, (await sotto.diagnose(auth)).findings] as const
  })
  return { explain: explained, diagnose: asText(findings) }
}

export const asText = (findings: Findings): string =>
  findings
    .filter(({ level }) => level !== 'ok')
    .map(({ what, fix = '' }) => `${what} ${fix}`)
    .join('\n')

const command = fileURLToPath(new URL('../../dist/doctor/sotto.js', import.meta.url))

/** What `sotto doctor` says of the same set-up. */
export async function doctorSays(
  pair: Pair,
  changes: Partial<Record<'issuer' | 'redirect' | 'audience', string>> = {},
): Promise<string> {
  const { issuer = pair.issuer, ...more } = changes
  const flags = { client: CLIENT_ID, redirect: '/callback', app: `${pair.app.origin}/`, ...more }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const all = [command, 'doctor', issuer, '--json', ...args]
  const stdout = await new Promise<string>((resolve) => {
    // It ends with 1 where something is wrong, which is no failure of it.
    execFile(process.execPath, all, (_, text) => resolve(text))
  })
  return asText((JSON.parse(stdout) as { readonly findings: Findings }).findings)
}

/** Compares what was said with the table. */
export function expectRow(
  setUp: string,
  said: Partial<Record<Source, string>>,
  { app, issuer }: Pair,
): void {
  const { source, words } = rowOf(setUp)
  expect(words.length, `words of the table for "${setUp}"`).toBeGreaterThan(0)
  for (const word of words)
    expect(said[source]).toContain(
      word.replaceAll('{app}', app.origin).replaceAll('{issuer}', issuer),
    )
}
