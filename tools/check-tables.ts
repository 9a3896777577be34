import { readFileSync } from 'node:fs'
import { isTableOfResults } from '../e2e/servers/result.ts'

const read = (path: string): string => readFileSync(path, 'utf8')

/** Where a table of the documentation is not the one that the last run of its program made. */
export async function findTableProblems(): Promise<readonly string[]> {
  const isServers = await isTableOfResults(read('docs/servers.md'))
  return [
    ...findBenchProblems(),
    ...(isServers
      ? []
      : ['docs/servers.md: not the table of e2e/servers/RESULT.json: npm run test:servers']),
  ]
}

function findBenchProblems(): readonly string[] {
  const problems: string[] = []
  const block = /<!-- made by [^]*<!-- end -->/.exec(read('bench/RESULT.md'))?.[0] ?? '-'
  if (!read('docs/proof.md').includes(block))
    problems.push('docs/proof.md: not the table of bench/RESULT.md: npm run bench writes both')
  const split = (pattern: RegExp): string[] => pattern.exec(block)?.[1]?.split(/ *\| */) ?? []
  const columns = split(/^\| +\| n .*?\| (auth0.*) \|$/m)
  const sizes = split(/^\| (Size .*) \|$/m).slice(-columns.length)
  if (columns.length < 2) problems.push('bench/RESULT.md: no columns of others were found')
  for (const [index, column] of columns.entries()) {
    const [name, version = ''] = column.split(' ')
    const quote = `${name} ${version.replace(/\.\d+$/, '')} ${sizes[index]?.trim()}`
    if (!read('README.md').includes(quote)) problems.push(`README.md: bench/RESULT.md has ${quote}`)
  }
  return problems
}
