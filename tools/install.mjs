// Makes `npm test` and `npm start` work in a fresh clone: installs what package-lock.json pins, when it is not there yet.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNpm } from './run.mjs'

/** Runs `npm ci` when node_modules is missing or differs from package-lock.json. */
export async function installDependencies() {
  if (isInstalled()) return
  console.log('Installing dependencies (npm ci)')
  if ((await runNpm(['ci', '--no-audit', '--no-fund'])) !== 0) throw new Error('npm ci failed')
}

function isInstalled() {
  // npm writes this file last, so an interrupted installation has none.
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = readPackages(record)
  return Object.entries(readPackages(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' || (optional && !installed[path]) || installed[path]?.version === version,
  )
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
