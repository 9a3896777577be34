// What an editor shows of the package, and what `tsc` reads of it in an app.
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const dist = join(import.meta.dirname, '../../dist')

/** The declaration files that one imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(dist, file), 'utf8')
  return [...text.matchAll(/(?:from |import\()['"](\..*?)['"]/g)].map(([, path = '']) =>
    join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')),
  )
}

/** Those files, and all that they import in turn. */
function reach(files: readonly string[]): string[] {
  const reached = new Set(files)
  // A set goes on through what is added meanwhile.
  for (const file of reached) for (const next of importsOf(file)) reached.add(next)
  return [...reached]
}

test('the types of the package lead to no file that the index does not name', () => {
  const named = new Set(['index.d.ts', ...importsOf('index.d.ts')])
  expect(reach([...named]).filter((file) => !named.has(file))).toEqual([])
  expect(named.size).toBeGreaterThan(20)
})

test('no name of the session, its context or its owner is in them', () => {
  const text = importsOf('index.d.ts').map((file) => readFileSync(join(dist, file), 'utf8'))
  expect(text.join()).not.toMatch(/\b(ClientContext|SessionOwner|SessionMemory|InternalContext)\b/)
})

test('TypeScript 5.4 can read the types of every entry point, also without skipLibCheck', () => {
  const { exports } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly types?: string }>>
  }
  const entries = Object.values(exports).flatMap(({ types }) =>
    types === undefined ? [] : [relative('dist', types)],
  )
  // Before TypeScript 5.7 an array of bytes had no type argument.
  const isGeneric = /\b(?:Uint8Array|ArrayBufferView|DataView)</
  const files = reach(entries)
  expect(files.filter((file) => isGeneric.test(readFileSync(join(dist, file), 'utf8')))).toEqual([])
  expect(files.length).toBeGreaterThan(60)
})
