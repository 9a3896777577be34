// Bundles each fixture of test/size as an app's bundler would, and compares the bytes with the budgets: every byte is paid by
// each visitor of each app. Strings that must not appear say *which* feature leaked into a bundle, long before a budget does.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

interface Budget {
  readonly maxBytes: number
  readonly targetBytes?: number
  readonly mustNotContain?: readonly string[]
}

const budgets = JSON.parse(readFileSync('test/size/budgets.json', 'utf8')) as Readonly<
  Record<'default', Budget> & Record<string, Budget>
>
const problems: string[] = []
const sizes: Record<string, number> = {}

for (const [name, { maxBytes, targetBytes = maxBytes, mustNotContain = [] }] of Object.entries(
  budgets,
)) {
  const code = await bundle(name)
  const bytes = gzipSync(code, { level: 9 }).length
  sizes[name] = bytes
  const notes = [
    ...(name !== 'default' && sizes['default'] ? [signed(bytes - sizes['default'])] : []),
    ...(bytes > targetBytes ? [`${bytes - targetBytes} over the target (decisions/0002)`] : []),
  ].join(', ')
  const row = [
    name.padEnd(16),
    String(bytes).padStart(6),
    'of',
    String(maxBytes).padStart(6),
    notes,
  ]
  console.log(row.join(' ').trimEnd())
  if (bytes > maxBytes) problems.push(`${name}: ${bytes - maxBytes} bytes over its budget`)
  const leaks = mustNotContain.filter((text) => code.includes(text))
  problems.push(...leaks.map((text) => `${name}: contains "${text}"`))
}
const promise = `${(budgets.default.maxBytes / 1000).toFixed(1)} kB`
if (!readFileSync('README.md', 'utf8').includes(promise))
  problems.push(`README.md does not promise the budget of the default app, ${promise}`)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`test/size/${name}.js`],
    alias: { sotto: './dist/index.js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
  })
  return outputFiles[0]?.text ?? ''
}

function signed(difference: number): string {
  return `${difference < 0 ? '' : '+'}${difference} to the default`
}
