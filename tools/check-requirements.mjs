// Holds the table of docs/security.md to the tests: a requirement whose test was renamed or removed is not covered any more, and
// nobody would notice.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFORMANCE_MODULES } from './conformance-table.mjs'
import { root } from './run.mjs'

const read = (path) => readFileSync(join(root, path), 'utf8')

/** What is wrong with the table, a sentence each. */
export function findMissingTests() {
  const table = /<!-- requirements -->([^]*?)<!-- \/requirements -->/.exec(
    read('docs/security.md'),
  )?.[1]
  const rows = (table ?? '').split('\n').filter((line) => /^\| (?!requirement|---)/.test(line))
  const problems = rows.length > 0 ? [] : ['docs/security.md has no table of requirements']
  for (const row of rows) {
    const [requirement] = row.slice(2).split(' |')
    const tests = [...row.matchAll(/`((?:test|e2e)\/[^`]+)`: `([^`]+)`/g)]
    const isHeading = requirement.startsWith('**')
    if (tests.length === 0 && !isHeading)
      problems.push(`docs/security.md: no test for "${requirement.trim()}"`)
    for (const [, file, title] of tests)
      if (!hasTest(file, title)) problems.push(`docs/security.md: ${file} has no test "${title}"`)
  }
  return problems
}

/** A title is the whole of a string literal; the modules of the conformance suite have theirs from their table. */
function hasTest(file, title) {
  if (!existsSync(join(root, file))) return false
  if (file.endsWith('conformance.test.ts')) return 'expected' in (CONFORMANCE_MODULES[title] ?? {})
  const text = read(file)
  return ["'", '"', '`'].some((quote) => text.includes(quote + title + quote))
}
