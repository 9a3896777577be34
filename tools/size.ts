// Bundles each fixture of test/size as an app's bundler would, and compares the bytes with the
// budgets: every byte is paid by each visitor of each app. Strings that must not appear say *which*
// feature leaked into a bundle, long before a budget does. The budgets are what esbuild makes, the
// strictest; of the default app also what vite makes, as most apps ship it. The README promises
// both.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleForApp, bundleWithVite } from './bundle.ts'

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

const budgets = JSON.parse(readFileSync('test/size/budgets.json', 'utf8')) as Readonly<
  Record<'default', Budget & { readonly viteMaxBytes: number }> & Record<string, Budget>
>
const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly peerDependencies: object
}
const frameworks = Object.keys(peerDependencies)
const problems: string[] = []
const sizes: Record<string, number> = {}

for (const [name, budget] of Object.entries(budgets)) {
  const { maxBytes, goalBytes, viteMaxBytes, mustNotContain = [] } = budget
  const code = await bundle(name, budget.isBinding)
  const bytes = sizeOf(code)
  sizes[name] = bytes
  const notes = [
    ...(name !== 'default' && !budget.isBinding && sizes['default']
      ? [signed(bytes - sizes['default'])]
      : []),
    ...(goalBytes === undefined ? [] : [distance(bytes, goalBytes)]),
  ].join(', ')
  compare(name, bytes, maxBytes, notes)
  if (viteMaxBytes !== undefined)
    compare(`${name}, by vite`, sizeOf(await bundleWithVite(`test/size/${name}.js`)), viteMaxBytes)
  const leaks = mustNotContain.filter((text) => code.includes(text))
  problems.push(...leaks.map((text) => `${name}: contains "${text}"`))
}
const { maxBytes, viteMaxBytes } = budgets.default
for (const promise of [`at most ${inKilobytes(maxBytes)}`, `${inKilobytes(viteMaxBytes)} by vite`])
  if (!readFileSync('README.md', 'utf8').includes(promise))
    problems.push(`README.md does not promise the budget of the default app: ${promise}`)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

function compare(name: string, bytes: number, max: number, notes = ''): void {
  const row = [name.padEnd(18), String(bytes).padStart(6), 'of', String(max).padStart(6), notes]
  console.log(row.join(' ').trimEnd())
  if (bytes > max) problems.push(`${name}: ${bytes - max} bytes over its budget`)
}

function bundle(name: string, isBinding = false): Promise<string> {
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
    external: isBinding ? ['sotto', ...frameworks, resolve('dist/add-ons/*')] : [],
  })
}

function sizeOf(code: string): number {
  return gzipSync(code, { level: 9 }).length
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

/** How far a size is from its goal (decisions/0002). */
function distance(bytes: number, goalBytes: number): string {
  const rest = bytes - goalBytes
  return `${inKilobytes(Math.abs(rest))} ${rest > 0 ? 'over' : 'below'} the goal of ${inKilobytes(goalBytes)}`
}

function signed(difference: number): string {
  return `${difference < 0 ? '' : '+'}${difference} to the default`
}
