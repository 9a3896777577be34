import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const read = (path: string): string => readFileSync(path, 'utf8')

/** The files of a folder and of those in it, as paths from the root. */
export function list(folder: string, extension: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension))
    .map((path) => join(folder, path))
}

/** What users of the library read. `docs/reference` is made from the sources. */
export const manuals: readonly string[] = [
  'README.md',
  ...list('docs', '.md').filter((path) => !path.startsWith(join('docs', 'reference'))),
]

/** What is found by the group of a pattern that has found something. */
export function findAll(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).find(Boolean) ?? '')
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
