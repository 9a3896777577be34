// Bundles each fixture of this folder as an app's bundler would, and compares the bytes with the
// budgets: every byte is paid by each visitor of each app. Strings that must not appear say *which*
// feature leaked into a bundle, long before a budget does. The budgets are what esbuild makes, the
// strictest; of the default app also what vite makes, as most apps ship it. The README promises
// both.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { bundleForApp, bundleWithVite } from '../../tools/bundle.ts'

interface Budget {
  readonly maxBytes: number
  /** What it should come to (decisions/0002). */
  readonly goalBytes?: number
  /** The budget of what vite makes. */
  readonly viteMaxBytes?: number
  readonly mustNotContain?: readonly string[]
  /** A binding, without what it stands on: its framework, and the library. */
  readonly isBinding?: boolean
}

interface Bundle extends Budget {
  readonly name: string
  readonly code: string
  readonly bytes: number
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T
const budgets = readJson<Readonly<Record<string, Budget>>>('test/size/budgets.json')
const { peerDependencies } = readJson<{ readonly peerDependencies: object }>('package.json')

const bundles = await Promise.all(
  Object.entries(budgets).map(async ([name, budget]): Promise<Bundle> => {
    const code = await bundleFixture(name, budget.isBinding)
    return { ...budget, name, code, bytes: sizeOf(code) }
  }),
)
const standard = bundles.find(({ name }) => name === 'default')
if (standard?.viteMaxBytes === undefined) throw new Error('The default app has no budget')
const { maxBytes, viteMaxBytes } = standard
const byVite = sizeOf(await bundleWithVite('test/size/default.js'))

const rows = bundles.flatMap((bundle) => [
  { ...bundle, notes: describeDistances(bundle) },
  ...(bundle === standard
    ? [{ name: 'default, by vite', bytes: byVite, maxBytes: viteMaxBytes, notes: '' }]
    : []),
])

test.each(rows)('$name stays within its budget', ({ bytes, maxBytes: max }) => {
  expect(bytes, `${bytes - max} bytes over its budget`).toBeLessThanOrEqual(max)
})

const strings = bundles.flatMap(({ mustNotContain = [], ...bundle }) =>
  mustNotContain.map((text) => ({ ...bundle, text })),
)
test.each(strings)('$name does not contain $text', ({ code, text }) => {
  expect(code.includes(text), 'a feature that it does not use leaked into it').toBe(false)
})

test.each([`at most ${inKilobytes(maxBytes)}`, `${inKilobytes(viteMaxBytes)} by vite`])(
  'README.md promises the budget of the default app: %s',
  (promise) => {
    expect(readFileSync('README.md', 'utf8').includes(promise)).toBe(true)
  },
)

afterAll(() => {
  const table = rows.map(({ name, bytes, maxBytes: max, notes }) =>
    `${name.padEnd(18)} ${String(bytes).padStart(6)} of ${String(max).padStart(6)} ${notes}`.trimEnd(),
  )
  process.stdout.write(`\n${table.join('\n')}\n`)
})

function bundleFixture(name: string, isBinding = false): Promise<string> {
  return bundleForApp({
    entryPoints: [`test/size/${name}.js`],
    alias: isBinding
      ? { [`sotto/${name}`]: `./dist/${name}/index.js` }
      : {
          sotto: './dist/index.js',
          'sotto/dpop': './dist/dpop/index.js',
          'sotto/worker': './dist/worker/index.js',
          'sotto/worker/script': './dist/worker/vault-worker.js',
        },
    external: isBinding
      ? ['sotto', ...Object.keys(peerDependencies), resolve('dist/add-ons/*')]
      : [],
  })
}

function sizeOf(code: string): number {
  return gzipSync(code, { level: 9 }).length
}

/** What a feature costs beside the default app, and how far that is from its goal. */
function describeDistances({ bytes, goalBytes, isBinding }: Bundle): string {
  if (goalBytes !== undefined) {
    const rest = bytes - goalBytes
    return `${inKilobytes(Math.abs(rest))} ${rest > 0 ? 'over' : 'below'} the goal of ${inKilobytes(goalBytes)}`
  }
  if (isBinding) return ''
  const difference = bytes - (standard?.bytes ?? 0)
  return `${difference < 0 ? '' : '+'}${difference} to the default`
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
