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
