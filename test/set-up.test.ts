import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname

/** What a script and the files that it imports need to be there before their first line runs. */
function packagesOf(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return []
  seen.add(path)
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/^(?:import|export)\s(?:[^'"=]*\sfrom\s)?['"]([^'"]+)['"]/gm)].flatMap(
    ([, target = '']) => {
      if (target.startsWith('.')) return packagesOf(join(dirname(path), target), seen)
      return target.startsWith('node:') ? [] : [`${path} needs ${target}`]
    },
  )
}

test('the two commands begin in a clone where nothing is installed yet', () => {
  expect(packagesOf('tools/install.mjs')).toEqual([])
})

test('what has to be installed first is noticed', () => {
  expect(packagesOf('tools/start.ts').join()).toContain('needs sirv')
})
