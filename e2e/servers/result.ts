import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { root } from '../../tools/run.ts'
import type { Result } from './outcomes.ts'
import { createTable } from './table.ts'
import { servers } from './servers.ts'

const FILE = 'e2e/servers/RESULT.json'
const PAGE = 'docs/servers.md'
const BEGIN = '<!-- made by npm run test:servers -->'
const END = '<!-- end -->'

/** Replaces the results of the servers that have run, and the table made of all. */
export async function writeResults(results: readonly Result[]): Promise<void> {
  const byName = new Map([...readResults(), ...results].map((result) => [result.name, result]))
  const sorted = servers.flatMap(({ name }) => byName.get(name) ?? [])
  writeFileSync(join(root, FILE), await pretty(JSON.stringify(sorted), 'json'))
  const page = readFileSync(join(root, PAGE), 'utf8')
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for the table`)
  const text = page.slice(0, begin) + (await createBlock()) + page.slice(end + END.length)
  writeFileSync(join(root, PAGE), text)
}

/** Whether the page has the table of the last results. */
export async function isTableOfResults(page: string): Promise<boolean> {
  return page.includes(await createBlock())
}

async function createBlock(): Promise<string> {
  const text = await pretty(createTable(readResults()), 'markdown')
  return `${BEGIN}\n\n${text.trim()}\n\n${END}`
}

function readResults(): readonly Result[] {
  return JSON.parse(readFileSync(join(root, FILE), 'utf8')) as readonly Result[]
}

async function pretty(text: string, parser: 'json' | 'markdown'): Promise<string> {
  const { prettier } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly prettier: object
  }
  return format(text, { ...prettier, parser })
}
