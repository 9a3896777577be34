// Bundles each fixture of test/size as an app's bundler would, and compares the bytes with the budgets: every byte is paid by
// each visitor of each app. Strings that must not appear say *which* feature leaked into a bundle, long before a budget does.
// `--write` puts the measured table into README.md; without it, a README that says something else is an error.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { format, resolveConfig } from 'prettier'
import { root } from './run.mjs'

const TABLE = /(<!-- sizes -->\n)[^]*?(\n?<!-- \/sizes -->)/
const README_TOLERANCE_KB = 0.05

const budgets = JSON.parse(readFileSync(join(root, 'test/size/budgets.json'), 'utf8'))
const problems = []
const rows = []

for (const [name, { title, maxBytes, targetBytes, base, mustNotContain = [] }] of Object.entries(
  budgets,
)) {
  const { code, bytes } = await bundle(name)
  const baseBytes = base && rows.find((row) => row.name === base).bytes
  rows.push({ name, title, bytes, baseBytes, maxBytes, targetBytes })
  if (bytes > maxBytes)
    problems.push(`${name}: ${bytes} bytes, ${bytes - maxBytes} over its budget`)
  for (const text of mustNotContain) {
    if (code.includes(text)) problems.push(`${name}: contains "${text}"`)
  }
}

const table = [
  '| what an app imports | min + gzip |',
  '| --- | ---: |',
  ...rows.map((row) => `| ${row.title} | ${describe(row)} |`),
].join('\n')

for (const { name, bytes, maxBytes, targetBytes } of rows) {
  console.log(
    `${name.padEnd(16)}${String(bytes).padStart(7)} of ${String(maxBytes).padStart(6)} bytes` +
      (bytes > targetBytes ? `, ${bytes - targetBytes} over the target (decisions/0002)` : ''),
  )
}
await compareWithReadme()
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

async function bundle(name) {
  const { outputFiles } = await build({
    absWorkingDir: root,
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
  const code = outputFiles[0].text
  return { code, bytes: gzipSync(code, { level: 9 }).length }
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(2)} kB`
}

/** A feature's row says what it adds to the one that it is built on. */
function describe({ bytes, baseBytes }) {
  return baseBytes === undefined ? kilobytes(bytes) : `+${kilobytes(bytes - baseBytes)}`
}

async function compareWithReadme() {
  const file = join(root, 'README.md')
  const readme = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const current = TABLE.exec(readme)?.[0]
  if (current === undefined) {
    problems.push('README.md has no <!-- sizes --> … <!-- /sizes --> table')
  } else if (process.argv.includes('--write')) {
    const updated = readme.replace(TABLE, `$1\n${table}\n$2`)
    writeFileSync(file, await format(updated, { ...(await resolveConfig(file)), filepath: file }))
  } else if (isStale(current)) {
    problems.push(
      'README.md gives other sizes: run `npm run build && npm run test:size -- --write`',
    )
  }
}

function isStale(current) {
  const stated = readNumbers(current)
  const measured = readNumbers(table)
  return (
    stated.length !== measured.length ||
    measured.some(([title, size], index) => {
      const [statedTitle, statedSize] = stated[index]
      return title !== statedTitle || Math.abs(size - statedSize) > README_TOLERANCE_KB
    })
  )
}

function readNumbers(text) {
  return [...text.matchAll(/^\| (.+?) +\| +\+?([\d.]+) kB \|$/gm)].map(([, title, size]) => [
    title,
    Number(size),
  ])
}
