// `npm run browsers`: installs the browsers that the end-to-end tests need and that are missing. One
// that cannot be had is an error: a suite that skips an engine in silence proves nothing about it.
// By hand: the download of `playwright install` is closed to some networks and architectures.
import { existsSync, readFileSync } from 'node:fs'
import {
  findBrowser,
  findProgram,
  findWebKitGtk,
  hasPlaywrightWebKit,
} from '../e2e/support/browsers.ts'
import { run } from './run.ts'

const packages = {
  chromium: ['chromium', 'chromium-headless-shell'],
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb', 'xauth'],
}
type Engine = keyof typeof packages

if (findMissing().length > 0) await installWithApt()
if (findMissing().length > 0) await installWithPlaywright()
const absent = findMissing()
if (absent.length > 0) {
  console.error(
    `No ${absent.join(', no ')}: the end-to-end tests need Chromium, Firefox and WebKit, and none is skipped.\n` +
      'On Debian: sudo apt-get install chromium chromium-headless-shell firefox-esr webkit2gtk-driver xvfb xauth\n' +
      'Elsewhere: npx playwright install --with-deps\n' +
      'Or point SOTTO_CHROMIUM, SOTTO_FIREFOX, SOTTO_WEBKIT_DRIVER and SOTTO_WEBKIT_BROWSER at installed ones.',
  )
  process.exitCode = 1
}
const ownBuild = "Playwright's own build"
for (const name of ['chromium', 'firefox'] as const)
  console.log(`${name}: ${findBrowser(name)?.executablePath ?? ownBuild}`)
console.log(`webkit: ${findWebKitGtk()?.driver ?? ownBuild}`)

function findMissing(): Engine[] {
  const missing: Engine[] = (['chromium', 'firefox'] as const).filter((name) => !findBrowser(name))
  return findWebKitGtk() || hasPlaywrightWebKit() ? missing : [...missing, 'webkit']
}

async function installWithApt(): Promise<void> {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  // Ubuntu's packages of the other two are doors to its own store, which containers do not have.
  const wanted = findMissing().filter((name) => name === 'webkit' || /^ID=debian$/m.test(release))
  const names = wanted.flatMap((name) => packages[name])
  if (names.length === 0) return
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  // First: the lists that a machine came with may name a browser that is too old by now.
  await run('apt-get', ['update', '-qq'], environment)
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], environment)
}

async function installWithPlaywright(): Promise<void> {
  const names = findMissing().filter((name) => name !== 'webkit' || process.platform !== 'linux')
  if (names.length === 0) return
  const libraries = process.platform === 'linux' && process.getuid?.() === 0 ? ['--with-deps'] : []
  const cli = 'node_modules/playwright/cli.js'
  await run(process.execPath, [cli, 'install', ...libraries, ...names])
}
