// Packs the package, installs it in a fresh folder and runs the tests of test/packed there, in
// happy-dom and in jsdom, as an app's own tests would run. Nothing else tries what is not in this
// folder: no alias, no other copy of a dependency. Arguments go to vitest.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-packed-'))
const npm = (...args: string[]): Promise<number> => run('npm', args)

async function runPacked(): Promise<number> {
  const packed = await npm('pack', '--silent', '--pack-destination', folder)
  if (packed !== 0) return packed
  const archives = readdirSync(folder).map((name) => join(folder, name))
  cpSync(join(root, 'test/packed'), folder, { recursive: true })
  const installed = await npm('install', '--prefix', folder, '--no-audit', '--no-fund', ...archives)
  if (installed !== 0) return installed
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs')
  return run(process.execPath, [vitest, 'run', '--root', folder, ...process.argv.slice(2)])
}

try {
  process.exitCode = await runPacked()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
