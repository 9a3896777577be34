// docs/errors.md has all codes and reasons, with what the library says of them itself.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../../src/errors.ts'
import { findAll, list, read } from './documents.ts'

const WORD = /'(\w+)'/g
const union = /AuthErrorCode =([^]*?)\n\n/.exec(read('src/errors.ts'))?.[1] ?? ''
const codes = findAll(union, WORD) as AuthErrorCode[]
const others = /AuthErrorCode((?: \| '\w+')+)/.exec(read('src/client/events.ts'))?.[1] ?? ''
const warnings = findAll(others, WORD)

const text = read('docs/errors.md')
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section]),
)

test('each code, and each that only warnings have, has a section, and nothing else has', () => {
  expect([...sections.keys()].sort()).toEqual([...codes, ...warnings].sort())
})

test('the section of each code says what to do', () => {
  const silent = codes.filter((code) => !sections.get(code)?.includes('\n**What to do:** '))
  expect(silent).toEqual([])
})

test('what is said to be retryable is what `retryable` says', () => {
  const stated = codes.map((code) => /^Retryable: (\w+)/m.exec(sections.get(code) ?? '')?.[1])
  const expected = codes.map((code) => (new AuthError(code).retryable ? 'yes' : 'no'))
  // "Only" where it depends on more than the code.
  const byCode = (words: readonly (string | undefined)[]): object =>
    Object.fromEntries(codes.map((code, index) => [code, stated[index] === 'only' || words[index]]))
  expect(byCode(stated)).toEqual(byCode(expected))
})

test('each reason that the sources give is there', () => {
  const REASON = /(?:reason|notPossible): '(\w+)'|(?:refuse|fail\('\w+',) ?\(?'(\w+)'/g
  const sources = list('src', '.ts').filter((path) => !path.startsWith(join('src', 'testing')))
  const reasons = new Set(sources.flatMap((path) => findAll(read(path), REASON)))
  expect([...reasons].filter((reason) => !text.includes(`\`${reason}\``))).toEqual([])
})
