import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { join } from 'node:path'
import { format } from 'prettier'
import { root } from '../../tools/run.ts'
import { APPS, type AppName } from './apps/bench-app.ts'
import type { Row, Unit } from './row.ts'

const BEGIN = '<!-- made by npm run bench -->'
const END = '<!-- end -->'
const PEERS = ['auth0-spa-js', 'oidc-client-ts'] as const
/** What a reader of the README is shown. */
const CHOSEN: Readonly<Record<string, string>> = {
  'First login, from the click, 30 ms at the server': 'Login, from the click',
  'Reload until the user is known, memory': 'Reload, session in memory',
  'Reload until the user is known, `localStorage`': 'Reload, session in `localStorage`',
  'Renewal by `web_message`, 30 ms at the server': 'Renewal by `web_message`',
  'Renewal by redirect of a frame, 30 ms at the server': 'Renewal by redirect of a frame',
  'Renewal by refresh token, 30 ms at the server': 'Renewal by refresh token',
  'Calls of it that failed': 'Six tabs × five calls at once, a rotating refresh token: failed',
  'Until the error, where the server shows a page': 'Until an error, where a frame is not answered',
  'A cached token, 1 in the cache': 'A token from the cache',
  'Size of a login app, by esbuild, gzip': 'Size of a login app, gzip',
}
const DIGITS: Readonly<Record<Unit, number>> = {
  ms: 1,
  s: 2,
  µs: 2,
  kB: 1,
  requests: 0,
  calls: 0,
}

/** The table, and what must be said with it. */
export function createReport(rows: readonly Row[], browserVersion: string): string {
  const day = new Date().toISOString().slice(0, 10)
  const [auth0, oidc, provider] = ['@auth0/auth0-spa-js', 'oidc-client-ts', 'oidc-provider'].map(
    readVersion,
  )
  const machine = `${cpus().length} cores, ${arch()}, ${platform()}`
  return [
    `${day}, Sotto ${readVersion('.')}, oidc-provider ${provider}, headless Chromium ${browserVersion}, Node ${process.versions.node}, ${machine}. Medians; in brackets the ratio to the same requests by hand.`,
    '',
    `| | n | by hand | Sotto | Sotto, \`metadata\` written in | auth0-spa-js ${auth0} | oidc-client-ts ${oidc} |`,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${row.name} | ${row.n} | ${APPS.map((app) => createCell(row, app)).join(' | ')} |`,
    ),
    '',
    describeDefeats(rows),
  ].join('\n')
}

function createCell({ unit, values }: Pick<Row, 'unit' | 'values'>, app: AppName): string {
  const value = values[app]
  if (value === undefined) return '–'
  const text = value.toFixed(DIGITS[unit])
  if (unit === 'requests' || unit === 'calls') return text
  const { floor } = values
  const isCompared = unit === 'ms' && app !== 'floor' && floor !== undefined
  return `${text} ${unit}${isCompared ? ` (${(value / floor).toFixed(2)})` : ''}`
}

/** What a reader looks for first is said, and not left to be found. */
function describeDefeats(rows: readonly Row[]): string {
  const defeats = rows.flatMap(({ name, unit, values }, index) => {
    const ahead = PEERS.filter((peer) => isLess(values[peer], values.sotto, unit))
    // Requests stand below what they are counted for.
    const named = name === 'Requests of it' ? `requests of “${rows[index - 1]?.name}”` : name
    return ahead.length > 0 ? [`- ${named}: ${ahead.join(' and ')}`] : []
  })
  if (defeats.length === 0) return 'Sotto is ahead of the others, or level, in each row.'
  return ['Others are ahead of Sotto in:', '', ...defeats].join('\n')
}

/** As the table shows them: what is equal there is level. */
function isLess(one: number | undefined, other: number | undefined, unit: Unit): boolean {
  if (one === undefined || other === undefined) return false
  return Number(one.toFixed(DIGITS[unit])) < Number(other.toFixed(DIGITS[unit]))
}

function readVersion(name: string): string {
  const folder = name === '.' ? root : join(root, 'node_modules', name)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  return version
}

/** The same for the README: fewer rows, and the libraries alone. */
function createShortTable(rows: readonly Row[]): string {
  const apps = ['sotto', ...PEERS] as const
  return [
    `| | Sotto | ${PEERS.join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...rows
      .filter(({ name }) => Object.hasOwn(CHOSEN, name))
      .map(({ name, unit, values: { floor: _floor, ...values } }) => {
        const cells = apps.map((app) => createCell({ unit, values }, app))
        return `| ${CHOSEN[name]} | ${cells.join(' | ')} |`
      }),
  ].join('\n')
}

/** Into `bench/RESULT.md`, and between the marks of `docs/proof.md` and the README. */
export async function writeReport(report: string, rows: readonly Row[]): Promise<void> {
  const block = `${BEGIN}\n\n${report}\n\n${END}`
  await write(
    'bench/RESULT.md',
    `# Measured against others\n\n\`npm run bench\` writes this file. What the rows mean: [docs/proof.md](../docs/proof.md#measured-against-others).\n\n${block}\n`,
  )
  await replace('docs/proof.md', block)
  await replace('README.md', `${BEGIN}\n\n${createShortTable(rows)}\n\n${END}`)
}

async function replace(path: string, block: string): Promise<void> {
  const text = readFileSync(join(root, path), 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${path} has no place for the table`)
  await write(path, text.slice(0, begin) + block + text.slice(end + END.length))
}

async function write(path: string, text: string): Promise<void> {
  const { prettier } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly prettier: object
  }
  writeFileSync(join(root, path), await format(text, { ...prettier, parser: 'markdown' }))
}
