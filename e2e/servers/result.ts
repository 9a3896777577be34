import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { root } from '../../tools/run.ts'
import type { Outcomes } from './outcomes.ts'
import { servers } from './servers.ts'

/** What the last run of a server has shown. */
export interface Result {
  readonly name: string
  readonly version: string
  readonly date: string
  /** The version of Chromium. */
  readonly browser: string
  readonly outcomes: Outcomes
}

const FILE = 'e2e/servers/RESULT.json'

function readResults(): readonly Result[] {
  return JSON.parse(readFileSync(join(root, FILE), 'utf8')) as readonly Result[]
}

/** Replaces the results of the servers that have run, and the table made of all. */
export async function writeResults(results: readonly Result[]): Promise<void> {
  const byName = new Map([...readResults(), ...results].map((result) => [result.name, result]))
  const sorted = servers.flatMap(({ name }) => byName.get(name) ?? [])
  writeFileSync(join(root, FILE), await pretty(JSON.stringify(sorted), 'json'))
}

async function pretty(text: string, parser: 'json' | 'markdown'): Promise<string> {
  const { prettier } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly prettier: object
  }
  return format(text, { ...prettier, parser })
}
