// Each requirement of docs/security.md and each fault of docs/faults.md has a test, and each test
// that says so in a comment names one of them. `npm run docs:tables` shows which.
import { expect, test } from 'vitest'
import {
  DOCUMENTS,
  findLeftCovers,
  findStrayTags,
  listTests,
  readCovers,
  readRows,
} from './requirements.ts'

const rows = DOCUMENTS.flatMap(readRows)
const tags = rows.map(({ tag }) => tag)
const covers = listTests().flatMap(readCovers)

test.each(DOCUMENTS)('%s has rows, each with a tag', (document) => {
  const found = readRows(document)
  expect(found).not.toEqual([])
  expect(found.filter(({ tag }) => tag === undefined)).toEqual([])
})

test('no two rows have the same tag', () => {
  expect(rows.filter(({ tag }, index) => tags.indexOf(tag) !== index)).toEqual([])
})

test('each row has a test that npm test runs: in a file of the long run, one tagged @core', () => {
  const covered = new Set(covers.filter(({ isCore }) => isCore).map(({ tag }) => tag))
  expect(rows.filter(({ tag }) => tag !== undefined && !covered.has(tag))).toEqual([])
})

test('each tag that a test has is of a row', () => {
  expect(covers.filter(({ tag }) => !tags.includes(tag))).toEqual([])
})

test('a comment that begins with "covers" stands above a test, or a row of one', () => {
  expect(listTests().flatMap(findLeftCovers)).toEqual([])
})

test('a tag stands only in a comment that begins with "covers"', () => {
  const stray = listTests().flatMap((file) => findStrayTags(file).map((tag) => `${file}: ${tag}`))
  expect(stray).toEqual([])
})
