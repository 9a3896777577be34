// Holds the requirements of docs/security.md and the faults of docs/faults.md to the tests. Each row has a tag, such as `spec:code-once`,
// and a test says what it covers in a comment above it: `// covers spec:code-once fault:callback-again`. A tag without a test, or a test
// with a tag that no row has, fails; `--table` prints what covers what.
import { readFileSync, readdirSync } from 'node:fs'

const DOCUMENTS = ['docs/security.md', 'docs/faults.md']
const FOLDERS = ['test', 'e2e']
const TAG = /\b(?:threat|spec|fault):[\w-]+/g
const ROW = /^\| (.+?) \|.* `((?:threat|spec|fault):[\w-]+)` \|$/gm
const COVERS = /^ *\/\/ covers (.+)$/gm

interface Row {
  readonly tag: string
  readonly subject: string
  readonly tests: string[]
}

const problems: string[] = []
const tables = new Map(DOCUMENTS.map((document) => [document, readRows(document)]))
const rows = new Map<string, Row>()
for (const row of [...tables.values()].flat()) {
  if (rows.has(row.tag)) problems.push(`two rows have the tag ${row.tag}`)
  rows.set(row.tag, row)
}
for (const file of FOLDERS.flatMap(listSources)) readTests(file)
for (const { tag, tests } of rows.values())
  if (tests.length === 0) problems.push(`no test covers ${tag}`)

if (process.argv.includes('--table')) printTables()
else if (problems.length === 0)
  console.log(`${rows.size} rows of ${DOCUMENTS.join(' and ')} have a test`)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

function readRows(document: string): Row[] {
  const text = readFileSync(document, 'utf8')
  const tables = [...text.matchAll(/<!-- (requirements|tests) -->([^]*?)<!-- \/\1 -->/g)]
  if (tables.length === 0) problems.push(`${document} has no table`)
  return tables.flatMap(([, , table = '']) => {
    // Without the two lines that every table begins with, and those in bold, which head the rows
    // below them.
    const lines = (table.match(/^\|.*$/gm) ?? []).slice(2).filter((row) => !row.startsWith('| **'))
    const found = [...table.matchAll(ROW)]
    if (found.length !== lines.length) problems.push(`${document} has a row without a tag`)
    return found.map(([, subject = '', tag = '']) => ({ tag, subject, tests: [] }))
  })
}

function listSources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
}

function readTests(file: string): void {
  const text = readFileSync(file, 'utf8')
  for (const { 0: comment, 1: tags = '', index } of text.matchAll(COVERS)) {
    const place = `${file}:${text.slice(0, index).split('\n').length}`
    for (const tag of tags.split(' ')) {
      const row = rows.get(tag)
      if (row) row.tests.push(`\`${place}\` ${titleOf(text.slice(index + comment.length))}`)
      else problems.push(`${place} covers ${tag}, which no row has`)
    }
  }
  const tags = (found: string): number => found.match(TAG)?.length ?? 0
  if (tags(text) !== tags((text.match(COVERS) ?? []).join('\n')))
    problems.push(`${file} names a tag outside a comment that begins with "covers"`)
}

/** The title of the test or of the row that follows; of `test.each`, what comes after its rows. */
function titleOf(text: string): string {
  const title = /^\s*test\.each/.test(text) ? /\)\(\s*(['"`])(.*?)\1,/ : /(['"`])(.*?)\1[,:]/
  return title.exec(text)?.[2] ?? ''
}

function printTables(): void {
  for (const [document, table] of tables) {
    console.log(`\n## ${document}\n\n| row | tests |\n| --- | --- |`)
    for (const { subject, tests } of table) console.log(`| ${subject} | ${tests.join('<br>')} |`)
  }
}
