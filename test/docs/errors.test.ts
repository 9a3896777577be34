// All codes and reasons are described, as the library has them.
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

test('docs/errors.md has a section for each code of an error or warning, and no other', () => {
  expect([...sections.keys()].sort()).toEqual([...codes, ...warnings].sort())
})

test('docs/errors.md says for each code what to do', () => {
  const silent = codes.filter((code) => !sections.get(code)?.includes('\n**What to do:** '))
  expect(silent).toEqual([])
})

test('docs/errors.md says of each code whether it is retryable, as `retryable` does', () => {
  const stated = codes.map((code) => /^Retryable: (\w+)/m.exec(sections.get(code) ?? '')?.[1])
  const expected = codes.map((code) => (new AuthError(code).retryable ? 'yes' : 'no'))
  // "Only" where it depends on more than the code.
  const byCode = (words: readonly (string | undefined)[]): object =>
    Object.fromEntries(codes.map((code, index) => [code, stated[index] === 'only' || words[index]]))
  expect(byCode(stated)).toEqual(byCode(expected))
})

test('docs/errors.md has each reason that the sources give', () => {
  const REASON = /(?:reason|notPossible): '(\w+)'|(?:refuse|fail\('\w+',) ?\(?'(\w+)'/g
  /** One of several, by what is wrong. */
  const CHOSEN = /\breason =\n([^]*?)\n {2}if/g
  const sources = list('src', '.ts')
    .filter((path) => !path.startsWith(join('src', 'testing')))
    .map(read)
  const chosen = sources.flatMap((code) => findAll(code, CHOSEN))
  const reasons = new Set([
    ...sources.flatMap((code) => findAll(code, REASON)),
    ...chosen.flatMap((code) => findAll(code, /[?:] '(\w+)'/g)),
  ])
  expect(reasons).toContain('pkce')
  expect([...reasons].filter((reason) => !text.includes(`\`${reason}\``))).toEqual([])
})
