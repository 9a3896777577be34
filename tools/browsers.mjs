// Finds the browsers that the end-to-end suites drive, installs the missing ones, and says how to launch each.
// A browser that cannot be had is an error: a suite that skips an engine in silence proves nothing about it.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, run } from './run.mjs'

const programs = [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)']].filter(Boolean)

const playwrightBrowsers = {
  chromium: {
    variable: 'SOTTO_CHROMIUM',
    debianPackage: 'chromium',
    paths: {
      linux: ['/usr/bin/chromium', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome'],
      darwin: ['Google Chrome', 'Chromium'].map(
        (n) => `/Applications/${n}.app/Contents/MacOS/${n}`,
      ),
      win32: programs.map((folder) =>
        join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      ),
    },
    launch: (executablePath) => ({
      launchOptions: {
        ...(executablePath && { executablePath }),
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      },
    }),
  },
  firefox: {
    variable: 'SOTTO_FIREFOX',
    debianPackage: 'firefox-esr',
    paths: {
      linux: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
      darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
      win32: programs.map((folder) => join(folder, 'Mozilla Firefox', 'firefox.exe')),
    },
    // Playwright sends WebDriver BiDi commands that older ones do not know (`network.addDataCollector`).
    oldestMajor: 143,
    // A Firefox that Playwright did not build is driven by WebDriver BiDi, which this channel selects.
    launch: (executablePath) =>
      executablePath ? { channel: 'moz-firefox', launchOptions: { executablePath } } : {},
  },
}

/**
 * Says how Playwright starts a browser: the path in SOTTO_CHROMIUM or SOTTO_FIREFOX, else Playwright's own build, else the
 * one that is installed. `undefined` when there is none.
 *
 * @param {'chromium' | 'firefox'} name
 */
export async function findBrowser(name) {
  const { variable, paths, launch, oldestMajor } = playwrightBrowsers[name]
  const chosen = process.env[variable]
  if (chosen) return launch(chosen)
  if (await hasPlaywrightBuild(name)) return launch()
  const installed = paths[process.platform]?.find(
    (path) => existsSync(path) && !(oldestMajor && readMajor(path) < oldestMajor),
  )
  return installed && launch(installed)
}

/** The major version that a browser says it is; NaN where it does not say, as on Windows. */
function readMajor(path) {
  if (process.platform === 'win32') return NaN
  try {
    return Number(/(\d+)\./.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1])
  } catch {
    return NaN
  }
}

/** Finds a browser as {@link findBrowser} does, and fails when there is none. */
export async function requireBrowser(name) {
  const found = await findBrowser(name)
  if (!found) throw new Error(`${name} was not found: run \`npm run browsers\``)
  return found
}

/** Whether Playwright has downloaded its own build of a browser. */
export async function hasPlaywrightBuild(name) {
  const playwright = await import('playwright')
  return existsSync(playwright[name].executablePath())
}

/** Finds WebKitGTK's WebDriver, its browser and, where there is no display, the wrapper that makes one. */
export function findWebKitGtk() {
  const driver = process.env['SOTTO_WEBKIT_DRIVER'] ?? findProgram('WebKitWebDriver')
  const browser = process.env['SOTTO_WEBKIT_BROWSER'] ?? findMiniBrowser()
  const xvfb = findProgram('xvfb-run')
  if (!driver || !browser || !(process.env['DISPLAY'] || xvfb)) return undefined
  return { driver, browser, ...(!process.env['DISPLAY'] && { wrapper: [xvfb, '-a'] }) }
}

function findMiniBrowser() {
  return ['/usr/libexec', '/usr/lib64', '/usr/lib', ...subfolders('/usr/lib')]
    .flatMap((folder) => ['4.1', '4.0', '6.0'].map((version) => [folder, version]))
    .map(([folder, version]) =>
      join(folder, `webkit${version === '6.0' ? '' : '2'}gtk-${version}`, 'MiniBrowser'),
    )
    .find((path) => existsSync(path))
}

function subfolders(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(folder, name))
}

function findProgram(name) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/** Installs the browsers that are missing; throws when one of the three engines cannot be had. */
export async function installBrowsers() {
  const missing = await findMissing()
  if (missing.length > 0) console.log(`Installing ${missing.join(', ')}`)
  await installWithApt(missing)
  await installWithPlaywright(await findMissing())
  const absent = await findMissing()
  if (absent.length === 0) return
  throw new Error(
    `No ${absent.join(', no ')}: the end-to-end tests need Chromium, Firefox and WebKit, and none is skipped.\n` +
      'On Debian: sudo apt-get install chromium firefox-esr webkit2gtk-driver xvfb xauth\n' +
      'Elsewhere: npx playwright install --with-deps\n' +
      'Or point SOTTO_CHROMIUM, SOTTO_FIREFOX, SOTTO_WEBKIT_DRIVER and SOTTO_WEBKIT_BROWSER at installed ones.',
  )
}

async function findMissing() {
  const missing = []
  for (const name of Object.keys(playwrightBrowsers))
    if (!(await findBrowser(name))) missing.push(name)
  if (!findWebKitGtk() && !(await canUsePlaywrightWebKit())) missing.push('webkit')
  return missing
}

/** Playwright's own WebKit stands in where WebKitGTK does not exist. */
async function canUsePlaywrightWebKit() {
  return process.platform !== 'linux' && hasPlaywrightBuild('webkit')
}

async function installWithApt(missing) {
  if (missing.length === 0 || process.getuid?.() !== 0 || !findProgram('apt-get')) return
  const packages = missing.flatMap((name) => {
    if (name === 'webkit') return ['webkit2gtk-driver', 'xvfb', 'xauth']
    // Ubuntu's packages of these two are doors to its own store, which containers do not have.
    return isDebian() ? [playwrightBrowsers[name].debianPackage] : []
  })
  if (packages.length === 0) return
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  // First: the lists that a machine came with may name a browser that is too old by now, and install it without a word.
  await run('apt-get', ['update', '-qq'], environment)
  await run(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    environment,
  )
}

function isDebian() {
  return (
    existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
  )
}

async function installWithPlaywright(missing) {
  const names = missing.filter((name) => name !== 'webkit' || process.platform !== 'linux')
  if (names.length === 0) return
  const libraries = process.platform === 'linux' && process.getuid?.() === 0 ? ['--with-deps'] : []
  const cli = join(root, 'node_modules', 'playwright', 'cli.js')
  await run(process.execPath, [cli, 'install', ...libraries, ...names])
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await installBrowsers()
  const ownBuild = "Playwright's own build"
  for (const name of Object.keys(playwrightBrowsers)) {
    console.log(`${name}: ${(await findBrowser(name))?.launchOptions?.executablePath ?? ownBuild}`)
  }
  console.log(`webkit: ${findWebKitGtk()?.driver ?? ownBuild}`)
}
