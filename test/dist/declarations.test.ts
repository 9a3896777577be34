// What an editor shows of the package, and what `tsc` reads of it in an app.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const dist = join(import.meta.dirname, '../../dist')

/** The declaration files that one imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(dist, file), 'utf8')
  return [...text.matchAll(/(?:from |import\()['"](\..*?)['"]/g)].map(([, path = '']) =>
    join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')),
  )
}

test('the types of the package lead to no file that the index does not name', () => {
  const named = new Set(['index.d.ts', ...importsOf('index.d.ts')])
  const reached = new Set(named)
  // A set goes on through what is added meanwhile.
  for (const file of reached) for (const next of importsOf(file)) reached.add(next)
  expect([...reached].filter((file) => !named.has(file))).toEqual([])
  expect(named.size).toBeGreaterThan(20)
})

test('no name of the session, its context or its owner is in them', () => {
  const text = importsOf('index.d.ts').map((file) => readFileSync(join(dist, file), 'utf8'))
  expect(text.join()).not.toMatch(/\b(ClientContext|SessionOwner|SessionMemory|InternalContext)\b/)
})
