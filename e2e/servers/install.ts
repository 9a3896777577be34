import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../../tools/run.ts'
import type { Server } from './server.ts'
import { npmOverrides, npmPackages } from './versions.ts'

/** The folder that a server runs in: git ignores it. */
export function prepareFolder(name: string): string {
  const folder = join(root, '.cache/servers', name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Installs what a server is made of; throws where that cannot be had. */
export async function install(server: Server): Promise<void> {
  if (server.from === 'npm') await installFromNpm(server)
  if (server.from === 'debian') await installFromDebian(server)
}

async function installFromNpm({ name }: Server): Promise<void> {
  const folder = prepareFolder(name)
  const dependencies = npmPackages[name as keyof typeof npmPackages]
  const manifest = JSON.stringify({ private: true, dependencies, overrides: npmOverrides }, null, 2)
  const path = join(folder, 'package.json')
  const isThere = existsSync(join(folder, 'node_modules')) && existsSync(path)
  if (isThere && readFileSync(path, 'utf8') === manifest) return
  writeFileSync(path, manifest)
  // Peers of these packages contradict each other where nothing of it is used here.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--legacy-peer-deps']
  const code = await run('npm', ['install', '--prefix', folder, ...quiet])
  if (code !== 0) {
    writeFileSync(path, '{}')
    throw new Error(`npm could not install ${Object.keys(dependencies).join(' ')}`)
  }
}

async function installFromDebian({ packages }: Server): Promise<void> {
  const missing = packages.filter((name) => readDebianVersion(name) === undefined)
  if (missing.length === 0) return
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]): Promise<number> => run('apt-get', ['-qq', ...args], environment)
  const isRoot = process.getuid?.() === 0
  if (
    !isRoot ||
    (await apt('update')) !== 0 ||
    (await apt('install', '-y', '--no-install-recommends', ...missing)) !== 0
  )
    throw new Error(
      `these packages of Debian are missing${isRoot ? '' : ', and only root can install them'}: ${missing.join(' ')}`,
    )
}

/** The version of a server that is installed. */
export function readVersion({ name, from, packages }: Server): string {
  const [main = ''] = packages
  if (from === 'debian') return readDebianVersion(main) ?? 'unknown'
  const folder = from === 'npm' ? prepareFolder(name) : root
  const manifest = readFileSync(join(folder, 'node_modules', main, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

function readDebianVersion(name: string): string | undefined {
  try {
    const format = '--showformat=${db:Status-Status} ${Version}'
    const output = execFileSync('dpkg-query', ['-W', format, name], { stdio: 'pipe' }).toString()
    const [status, version] = output.split(' ')
    return status === 'installed' ? version : undefined
  } catch {
    return undefined
  }
}
