// `npm start` and `npm test` in a fresh clone: installs what package-lock.json pins, when it is not
// there yet, then runs the script in TypeScript that is named. Plain JavaScript without a package,
// because it begins where nothing is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
if (!isInstalled()) {
  console.log('Installing dependencies (npm ci)')
  const options = { stdio: 'inherit', shell: process.platform === 'win32' }
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], options)
  if (status !== 0) throw new Error('npm ci failed')
}

const { register } = await import('tsx/esm/api')
register()
const [script] = process.argv.splice(2, 1)
process.argv[1] = resolve(script)
await import(pathToFileURL(process.argv[1]).href)

function isInstalled() {
  // npm writes this file last, so an interrupted installation has none.
  const record = join('node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = readPackages(record)
  return Object.entries(readPackages('package-lock.json')).every(
    ([path, { version, optional }]) =>
      path === '' || (optional && !installed[path]) || installed[path]?.version === version,
  )
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
