// Holds the documentation to the package: every ```ts block compiles against dist (README, docs, and the examples in doc
// comments), docs/errors.md has exactly the error codes and all reasons, docs/api.md exactly the options and methods, and
// every script and relative link that is mentioned exists. Documentation that nothing checks is wrong within a month.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { dirname, join, relative } from 'node:path'
import { root } from './run.mjs'

const read = (path) => readFileSync(join(root, path), 'utf8')
const list = (folder, extension) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((path) => path.endsWith(extension))
    .map((path) => join(folder, path))

const manuals = ['README.md', ...list('docs', '.md')]
const documents = [...manuals, 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']
const sources = list('src', '.ts').filter((path) => !path.startsWith(join('src', 'testing')))
const problems = []

/** What the blocks may use without saying where it comes from. A module's own declaration goes before it. */
const prelude = `
import type * as Sotto from 'sotto'
import type * as Testing from 'sotto/testing'
declare global {
  const auth: Sotto.AuthClient
  const createAuthClient: typeof Sotto.createAuthClient
  const createAuthFetch: typeof Sotto.createAuthFetch
  const autoRenew: typeof Sotto.autoRenew
  const fetchUserInfo: typeof Sotto.fetchUserInfo
  const revokeTokens: typeof Sotto.revokeTokens
  const silentIframe: typeof Sotto.silentIframe
  const refreshToken: typeof Sotto.refreshToken
  const silentRedirect: typeof Sotto.silentRedirect
  const memoryStorage: typeof Sotto.memoryStorage
  const webStorage: typeof Sotto.webStorage
  const indexedDbStorage: typeof Sotto.indexedDbStorage
  const isAuthError: typeof Sotto.isAuthError
  const createAuthorizationServer: typeof Testing.createAuthorizationServer
  const issuer: string
  const clientId: string
  const redirectUri: string
  function showLoginButton(): void
  function showError(error: unknown): void
  function showApp(user: unknown): void
  function showRetryButton(): void
  function showDialog(text: string): Promise<void>
}
`
const react = `
declare module 'react' {
  export function useSyncExternalStore<Snapshot>(
    subscribe: (onChange: () => void) => () => void,
    getSnapshot: () => Snapshot,
    getServerSnapshot?: () => Snapshot,
  ): Snapshot
}
`

/** The \`\`\`ts blocks of a file, each with the line that it begins in. */
function findBlocks(path) {
  const text = path.endsWith('.ts') ? read(path).replace(/^ *\* ?/gm, '') : read(path)
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(({ 1: code, index }) => ({
    path,
    line: text.slice(0, index).split('\n').length + 1,
    code,
  }))
}

function checkBlocks() {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'check-readme-'))
  const blocks = [...manuals, ...list('src', '.ts')].flatMap(findBlocks)
  const types = (entry) => [join(root, 'dist', `${entry}.d.ts`)]
  writeFileSync(join(folder, 'prelude.ts'), prelude)
  writeFileSync(join(folder, 'react.d.ts'), react)
  blocks.forEach(({ line, code }, index) =>
    // Below as many empty lines as it has above it, so that the compiler's line numbers are the document's.
    writeFileSync(join(folder, `${index}.ts`), `${'\n'.repeat(line - 1)}${code}\nexport {}\n`),
  )
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        types: ['node'],
        paths: {
          sotto: types('index'),
          'sotto/testing': types('testing/index'),
          'sotto/testing/node': types('testing/node'),
        },
      },
      include: ['.'],
    }),
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], {
    cwd: folder,
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true, force: true })
  if (blocks.length === 0) problems.push('no ```ts block was found')
  if (status === 0) return blocks.length
  const located = (stdout + stderr).replace(
    /^(\d+)\.ts\((\d+),\d+\)/gm,
    (_, index, line) => `${blocks[index].path}:${line}`,
  )
  problems.push(...located.trim().split('\n'))
  return blocks.length
}

async function checkErrors() {
  const { AuthError } = await import('../dist/errors.js')
  const union = /AuthErrorCode =([^]*?)\n\n/.exec(read('src/errors.ts'))[1]
  const warnings = /AuthErrorCode((?: \| '\w+')+)/.exec(read('src/client/events.ts'))[1]
  const codes = names(union, /'(\w+)'/g)
  const warned = names(warnings, /'(\w+)'/g)
  const text = read('docs/errors.md')
  const sections = new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  )
  compare('docs/errors.md', new Set(sections.keys()), new Set([...codes, ...warned]))
  for (const code of codes) {
    const section = sections.get(code) ?? ''
    if (!section.includes('\n**What to do:** ')) problems.push(`docs/errors.md: ${code}: no advice`)
    const stated = /^Retryable: (yes|no|only)\b/m.exec(section)?.[1]
    const expected = new AuthError(code).retryable ? 'yes' : 'no'
    if (stated !== expected && stated !== 'only')
      problems.push(`docs/errors.md: ${code}: "Retryable: ${stated}" should be ${expected}`)
  }
  const reasons = sources.flatMap((path) => [
    ...names(read(path), /(?:reason|notPossible): '(\w+)'|(?:refuse|fail\('\w+',) ?\(?'(\w+)'/g),
  ])
  for (const reason of new Set(reasons)) {
    if (!text.includes(`\`${reason}\``)) problems.push(`docs/errors.md: no reason \`${reason}\``)
  }
}

/** Compares the first columns of the tables in docs/api.md with the members of the interfaces. */
function checkApi() {
  const sections = read('docs/api.md').split(/^##+ /m)
  const rows = (heading) => {
    const section = sections.find((one) => one.startsWith(heading)) ?? ''
    return names(section, /^\| `(\w+)/gm)
  }
  const target = members('src/authorization/target.ts', 'TargetOptions')
  const tables = {
    '`createAuthClient': members('src/client/options.ts', 'ClientOptions'),
    '`AuthClient`': members('src/client/client.ts', 'AuthClient'),
    'What `start`': members('src/client/start.ts', 'StartOptions'),
    'What `loginWithRedirect`': [
      ...members('src/client/login-with-redirect.ts', 'LoginOptions'),
      ...target,
    ],
    'What `handleRedirectCallback`': members(
      'src/client/handle-redirect-callback.ts',
      'CallbackOptions',
    ),
    'What `getTokenSilently`': [
      ...members('src/client/get-token-silently.ts', 'TokenOptions'),
      ...target,
    ],
    'What `logout`': members('src/client/logout.ts', 'LogoutOptions'),
    '`createAuthFetch': [
      ...members('src/add-ons/auth-fetch.ts', 'AuthFetchOptions'),
      ...target,
      'onLoginRequired',
    ],
    '`fetchUserInfo': [...target, 'onLoginRequired', 'signal'],
    '`revokeTokens': members('src/add-ons/revoke-tokens.ts', 'RevokeOptions'),
    Events: members('src/client/events.ts', 'AuthEvents'),
    '`sotto/testing`': [
      ...members('src/testing/options.ts', 'AuthorizationServerOptions'),
      ...members('src/testing/options.ts', 'Lives'),
    ],
  }
  for (const [heading, expected] of Object.entries(tables)) {
    compare(`docs/api.md, ${heading}`, new Set(rows(heading)), new Set(expected))
  }
}

function members(path, name) {
  const body = new RegExp(`export interface ${name}\\b[^{]*{\\n([^]*?)\\n}`).exec(read(path))?.[1]
  if (body === undefined) problems.push(`${path} has no interface ${name}`)
  return names(body ?? '', /^ {2}(?:readonly )?(\w+)(?=[?:(<])/gm)
}

function names(text, pattern) {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).find(Boolean))
}

function compare(where, stated, expected) {
  for (const name of expected) if (!stated.has(name)) problems.push(`${where}: ${name} is missing`)
  for (const name of stated) if (!expected.has(name)) problems.push(`${where}: there is no ${name}`)
}

function checkScripts() {
  const { scripts } = JSON.parse(read('package.json'))
  for (const path of documents) {
    for (const name of names(read(path), /\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)) {
      if (!(name in scripts)) problems.push(`${path}: there is no script ${name}`)
    }
  }
}

function checkLinks() {
  for (const path of documents) {
    for (const link of names(read(path), /\]\(([^)\s]+)\)/g)) {
      if (/^\w+:/.test(link)) continue
      const [file, anchor] = link.split('#')
      const target = file ? join(dirname(path), file) : path
      if (!existsSync(join(root, target))) problems.push(`${path}: ${link} leads nowhere`)
      else if (anchor && !anchors(target).has(anchor))
        problems.push(`${path}: ${relative('.', target)} has no heading for #${anchor}`)
    }
  }
}

/** The anchors of a document's headings, as GitHub and most others make them. */
function anchors(path) {
  return new Set(
    names(read(path), /^#+ (.+)$/gm).map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replace(/\s/g, '-'),
    ),
  )
}

const count = checkBlocks()
await checkErrors()
checkApi()
checkScripts()
checkLinks()
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${count} code blocks compile; codes, options, scripts and links are in order`)
