import { LONG } from '../../e2e/support/long.ts'
import { findAll, lineAt, list, read } from './documents.ts'

/** Their rows have a tag each, in backticks at the end. */
export const DOCUMENTS: readonly string[] = ['docs/security.md', 'docs/faults.md']

export interface Row {
  /** The document and the line. */
  readonly place: string
  readonly subject: string
  readonly tag: string | undefined
}

/** What the comment above a test says: `// covers`, and one tag or more. */
export interface Cover {
  readonly place: string
  readonly tag: string
  readonly title: string
  /** Whether `npm test` runs it. */
  readonly isCore: boolean
}

export function readRows(document: string): Row[] {
  const text = read(document)
  const blocks = text.matchAll(/<!-- (requirements|tests) -->[^]*?<!-- \/\1 -->/g)
  return [...blocks].flatMap((block) =>
    [...block[0].matchAll(/^\| *(.+?) *\|.*$/gm)]
      // The two lines that every table begins with.
      .slice(2)
      // In bold: heads the rows below it.
      .filter(([row]) => !row.startsWith('| **'))
      .map(({ 0: row, 1: subject = '', index }) => {
        const place = `${document}:${lineAt(text, block.index + index)}`
        return { place, subject, tag: /`((?:threat|spec|fault):[\w-]+)` \|$/.exec(row)?.[1] }
      }),
  )
}

/** The files whose comments say what is covered. */
export const listTests = (): string[] => ['test', 'e2e'].flatMap((folder) => list(folder, '.ts'))

const COVERS = /^ *\/\/ covers (.+)$/gm

export function readCovers(file: string): Cover[] {
  const text = read(file)
  return [...text.matchAll(COVERS)].flatMap(({ 0: comment, 1: tags = '', index }) => {
    const place = `${file}:${lineAt(text, index)}`
    const below = text.slice(index + comment.length)
    const [head = ''] = below.split('async (')
    const isCore = !LONG.includes(file) || head.includes("tag: '@core'")
    return tags.split(' ').map((tag) => ({ place, tag, title: titleOf(below), isCore }))
  })
}

/** The title of the test or of the row that follows; of `test.each`, what comes after its rows. */
function titleOf(text: string): string {
  const title = /^\s*test\.each/.test(text) ? /\)\(\s*(['"`])(.*?)\1,/ : /(['"`])(.*?)\1[,:]/
  return title.exec(text)?.[2] ?? ''
}

/**
 * Comments that stand above no test and no row: the test was taken away, and its tags look covered.
 */
export function findLeftCovers(file: string): string[] {
  const text = read(file)
  const below = /^(?: *\/\/.*\n)* *(?:test|const \w+|export const \w+|for |\w+\(|\.\.\.|[[{'])/
  return [...text.matchAll(COVERS)]
    .filter(({ 0: comment, index }) => !below.test(text.slice(index + comment.length + 1)))
    .map(({ index }) => `${file}:${lineAt(text, index)}`)
}

/** Tags where no comment begins with "covers". */
export function findStrayTags(file: string): string[] {
  return findAll(read(file).replace(COVERS, ''), /\b((?:threat|spec|fault):[\w-]+)/g)
}
