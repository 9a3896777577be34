// Holds the tables of docs/security.md and docs/faults.md to the tests: a requirement or a fault whose test was renamed or removed is not
// covered any more, and nobody would notice.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFORMANCE_MODULES } from './conformance-table.mjs'
import { root } from './run.mjs'

const read = (path) => readFileSync(join(root, path), 'utf8')

/** The documents, and the name of the comments around their tables. */
const documents = { 'docs/security.md': 'requirements', 'docs/faults.md': 'tests' }

/** What is wrong with the tables, a sentence each. */
export function findMissingTests() {
  return Object.entries(documents).flatMap(([document, mark]) =>
    checkTables(read(document), mark).map((problem) => `${document}: ${problem}`),
  )
}

function checkTables(text, mark) {
  const tables = text.matchAll(new RegExp(`<!-- ${mark} -->([^]*?)<!-- /${mark} -->`, 'g'))
  // Without the two lines that every table begins with.
  const rows = [...tables].flatMap(([, table]) => table.match(/^\|.*$/gm)?.slice(2) ?? [])
  return [
    ...(rows.length > 0 ? [] : [`no table between <!-- ${mark} -->`]),
    ...rows.filter(isUntested).map((row) => `no test for "${subjectOf(row)}"`),
    ...testsIn(text)
      .filter(([, file, title]) => !hasTest(file, title))
      .map(([, file, title]) => `${file} has no test "${title}"`),
  ]
}

/** Every test that is named somewhere, as `file`: `title`. */
const testsIn = (text) => [...text.matchAll(/`((?:test|e2e)\/[^`]+)`: `([^`]+)`/g)]
const subjectOf = (row) => row.slice(2).split(' |')[0].trim()
/** A row in bold is the heading of those below it. */
const isUntested = (row) => testsIn(row).length === 0 && !subjectOf(row).startsWith('**')

/**
 * A title is the whole of a string literal; the modules of the conformance suite have theirs from their table. In a file of
 * test/support it is the name of a row that a test goes through.
 */
function hasTest(file, title) {
  if (!existsSync(join(root, file))) return false
  if (file.endsWith('conformance.test.ts')) return 'expected' in (CONFORMANCE_MODULES[title] ?? {})
  const text = read(file)
  return ["'", '"', '`'].some((quote) => text.includes(quote + title + quote))
}
