// The types of the package, as an app's compiler reads them. A change of the API is a change of
// public-types.txt, to be looked at in a review; `npm run test:dist -- -u` writes it.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const { exports } = JSON.parse(read('package.json')) as {
  readonly exports: Readonly<Record<string, { readonly types?: string }>>
}

/** A declaration file and what it imports of the package. */
function reach(files: Set<string>): Set<string> {
  // A set goes on through what is added meanwhile.
  for (const file of files)
    for (const [, path = ''] of read(file).matchAll(/(?:from |import\()['"](\..*?)['"]/g))
      files.add(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')))
  return files
}

function withoutComments(text: string): string {
  return text.replace(/[ \t]*\/\*\*[^]*?\*\/\n?/g, '').replace(/^\s*\n/gm, '')
}

test('the public types are those that were looked at', async () => {
  const entries = Object.entries(exports).flatMap(([name, { types }]) =>
    types === undefined ? [] : [[name.replace('.', 'sotto'), types] as const],
  )
  const files = reach(new Set(entries.map(([, types]) => join(types))))
  const report = [
    ...entries.map(([name, types]) => `${name}: ${types}`),
    ...[...files].sort().map((file) => `\n── ${file}\n${withoutComments(read(file)).trim()}`),
  ].join('\n')
  await expect(`${report}\n`).toMatchFileSnapshot('public-types.txt')
})
