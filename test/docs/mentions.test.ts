// What documents name is there. Links are for remark: `npm run check:docs`.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lineAt, list, manuals, read } from './documents.ts'

test('each npm script that a document names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: object }
  const unknown = [...manuals, 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'].flatMap((path) =>
    [...read(path).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)]
      .filter(([, name, command = '']) => !((name ?? command) in scripts))
      .map(({ 0: mention, index }) => `${path}:${lineAt(read(path), index)}: ${mention}`),
  )
  expect(unknown).toEqual([])
})

test('each document that the sources name is there', () => {
  const missing = list('src', '.ts').flatMap((path) =>
    [...read(path).matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
      .filter(([mention]) => !existsSync(mention))
      .map(({ 0: mention, index }) => `${path}:${lineAt(read(path), index)}: ${mention}`),
  )
  expect(missing).toEqual([])
})
