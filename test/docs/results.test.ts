// What a program has measured is quoted as it was measured. Messages name the command that does it anew.
import { expect, test } from 'vitest'
import { isTableOfResults } from '../../e2e/servers/result.ts'
import { read } from './documents.ts'

const table = /<!-- made by [^]*<!-- end -->/.exec(read('bench/RESULT.md'))?.[0] ?? '-'

test('docs/proof.md has the table of bench/RESULT.md: npm run bench writes both', () => {
  expect(read('docs/proof.md').includes(table)).toBe(true)
})

test('docs/servers.md has the table of e2e/servers/RESULT.json: npm run test:servers', async () => {
  expect(await isTableOfResults(read('docs/servers.md'))).toBe(true)
})

test('README.md has a table whose values are all of bench/RESULT.md: npm run bench', () => {
  const [own = ''] = /<!-- made by npm run bench -->[^]*?<!-- end -->/.exec(read('README.md')) ?? []
  const cells = own
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('|  '))
    .slice(1)
    .flatMap((line) => line.split(' | ').slice(1))
    .map((cell) => cell.replace(/[| ]+$/, '').trim())
  expect(cells.length).toBeGreaterThan(20)
  // Alone in its cell, or before the ratio to the floor.
  const isMeasured = (cell: string): boolean => table.includes(`| ${cell} `)
  expect(cells.filter((cell) => !isMeasured(cell))).toEqual([])
})

test('README.md quotes the sizes of others that bench/RESULT.md has', () => {
  const split = (row: RegExp): string[] => row.exec(table)?.[1]?.split(/ *\| */) ?? []
  const others = split(/^\| +\| n .*?\| (auth0.*) \|$/m)
  const sizes = split(/^\| (Size .*) \|$/m).slice(-others.length)
  expect(others.length, 'columns of others').toBeGreaterThan(1)
  const quotes = others.map((other, index) => {
    const [name, version = ''] = other.split(' ')
    return `${name} ${version.replace(/\.\d+$/, '')} ${sizes[index]?.trim()}`
  })
  expect(quotes.filter((quote) => !read('README.md').includes(quote))).toEqual([])
})
