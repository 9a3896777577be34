// Holds the documentation to the package: every ```ts block compiles against dist (README, docs, the
// examples in doc comments) or has the lines of an app that the tests drive, docs/errors.md has
// exactly the error codes and all reasons, docs/api.md exactly the options and methods, and every
// script and relative link that is mentioned exists. What nothing checks is wrong within a month.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AuthError, type AuthErrorCode } from '../src/errors.ts'
import { findTableProblems } from './check-tables.ts'

// Written in by the build otherwise.
Object.assign(globalThis, { SOTTO_VERSION: '0.0.0' })

const read = (path: string): string => readFileSync(path, 'utf8')
const list = (folder: string, extension: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension))
    .map((path) => join(folder, path))

const isMade = (path: string): boolean => path.startsWith(join('docs', 'reference'))
const manuals = ['README.md', ...list('docs', '.md').filter((path) => !isMade(path))]
const documents = [...manuals, 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']
const sources = list('src', '.ts').filter((path) => !path.startsWith(join('src', 'testing')))
const problems: string[] = []

/** What the blocks may use without saying where it comes from. */
const createPrelude = (): string => `
import type * as Sotto from 'sotto'
import type * as Testing from 'sotto/testing'
declare global {
  const auth: Sotto.AuthClient
${['createAuthClient', 'isAuthError', ...ADD_ONS].map((name) => `  const ${name}: typeof Sotto.${name}`).join('\n')}
${['createAuthorizationServer', 'fakeAuth', 'signedIn'].map((name) => `  const ${name}: typeof Testing.${name}`).join('\n')}
  const issuer: string, clientId: string, redirectUri: string
  const button: HTMLButtonElement
  function showLoginButton(): void
  function showSpinner(): void
  function showError(error: unknown): void
  function showApp(user: unknown): void
  function showAdmin(): void
  function showRetryButton(): void
  function showDialog(text: string): Promise<void>
}
`
const ADD_ONS = [
  ...['createAuthFetch', 'autoRenew', 'diagnose', 'fetchUserInfo', 'idleTimeout', 'mergeUserInfo'],
  'sessionMonitor',
  ...[
    'silentIframe',
    'refreshToken',
    'silentRedirect',
    'memoryStorage',
    'webStorage',
    'indexedDbStorage',
  ],
  ...['customStorage', 'pushedAuthorizationRequest', 'requireLogin', 'revokeTokens', 'settled'],
  ...['exchangeToken', 'initiateLogin', 'getTokenWithPopup', 'loginWithPopup'],
]
/** What blocks import that is not installed for one function. */
const GUIDES = `
declare module 'next/navigation' {
  export function useRouter(): { replace(path: string): void }
}
declare module '$app/navigation' {
  export function goto(url: string, options?: { replaceState?: boolean }): Promise<void>
}
`
/** The app's module of that name, which blocks import. */
const AUTH = `
import { createAuthClient } from 'sotto'
import { createReactAuth } from 'sotto/react'

export const auth = createAuthClient({ issuer, clientId, redirectUri })
export const { AuthProvider } = createReactAuth(auth)
`

interface Block {
  readonly path: string
  /** The line that it begins in. */
  readonly line: number
  readonly code: string
  /** The file that its lines are from, where it has one. */
  readonly source: string | undefined
  readonly language: string
}

/** The blocks of code in a file that are checked. */
function findBlocks(path: string): Block[] {
  const text = path.endsWith('.ts') ? read(path).replace(/^ *\* ?/gm, '') : read(path)
  const BLOCK = /(?:^<!-- lines of (.+) -->\n\n)?^```(tsx?|vue|svelte)(?: \[.+\])?\n([^]*?)^```$/gm
  return [...text.matchAll(BLOCK)].map(
    ({ 0: all, 1: source, 2: language = '', 3: code = '', index }) => ({
      path,
      line: text.slice(0, index + all.indexOf('```')).split('\n').length + 1,
      code,
      source,
      language,
    }),
  )
}

/** The file is compiled with the project; the block has the same lines in the same order, some left out. */
function checkExcerpt({ path, line: at, code, source = '' }: Block): void {
  const rest = existsSync(source) ? read(source).split('\n') : []
  for (const line of code.split('\n').filter((one) => one.trim())) {
    const found = rest.findIndex((one) => one.trim() === line.trim())
    if (found < 0) problems.push(`${path}:${at}: not in ${source}: ${line.trim()}`)
    rest.splice(0, found + 1)
  }
}

function checkBlocks(): string {
  mkdirSync('.cache', { recursive: true })
  const folder = mkdtempSync(join('.cache', 'check-docs-'))
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  const all = [...manuals, ...list('src', '.ts')].flatMap(findBlocks)
  const excerpts = all.filter(({ source }) => source !== undefined)
  excerpts.forEach(checkExcerpt)
  const blocks = all.filter(({ source }) => source === undefined)
  const compiled = blocks.filter(({ language }) => language.startsWith('ts'))
  for (const { path, line, language } of blocks)
    if (!language.startsWith('ts'))
      problems.push(`${path}:${line}: ${language} that is from no file`)
  const types = (entry: string): string[] => [resolve('dist', `${entry}.d.ts`)]
  const paths = {
    sotto: types('index'),
    'sotto/devtools': types('devtools/index'),
    'sotto/explain': types('explain/index'),
    'sotto/testing': types('testing/index'),
    'sotto/testing/node': types('testing/node'),
    'sotto/testing/playwright': types('testing/playwright'),
  }
  write('prelude.ts', createPrelude())
  write('guides.d.ts', GUIDES)
  mkdirSync(join(folder, 'src'))
  write('src/auth.ts', AUTH)
  compiled.forEach(({ line, code, language }, index) =>
    // Below as many empty lines as it has above it, so that the compiler's line numbers are the
    // document's.
    write(`src/${index}.${language}`, `${'\n'.repeat(line - 1)}${code}\nexport {}\n`),
  )
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, paths }
  const config = { extends: resolve('tsconfig.json'), compilerOptions, include: ['.'] }
  write('tsconfig.json', JSON.stringify(config))
  const tsc = resolve('node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true, force: true })
  if (compiled.length === 0) problems.push('no block of TypeScript was found')
  const place = (_: string, index: string, line: string): string =>
    `${compiled[Number(index)]?.path}:${line}`
  if (status !== 0)
    problems.push(
      ...stdout
        .trim()
        .replace(/^src\/(\d+)\.tsx?\((\d+),\d+\)/gm, place)
        .split('\n'),
    )
  return `${compiled.length} code blocks compile, ${excerpts.length} are lines of apps`
}

function checkErrors(): void {
  const union = /AuthErrorCode =([^]*?)\n\n/.exec(read('src/errors.ts'))?.[1] ?? ''
  const warnings = /AuthErrorCode((?: \| '\w+')+)/.exec(read('src/client/events.ts'))?.[1] ?? ''
  const codes = names(union, /'(\w+)'/g)
  const text = read('docs/errors.md')
  const sections = new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0] ?? '', section]),
  )
  compare('docs/errors.md', [...sections.keys()], [...codes, ...names(warnings, /'(\w+)'/g)])
  for (const code of codes) {
    const section = sections.get(code) ?? ''
    if (!section.includes('\n**What to do:** ')) problems.push(`docs/errors.md: ${code}: no advice`)
    const stated = /^Retryable: (yes|no|only)\b/m.exec(section)?.[1]
    const expected = new AuthError(code as AuthErrorCode).retryable ? 'yes' : 'no'
    if (stated !== expected && stated !== 'only')
      problems.push(`docs/errors.md: ${code}: "Retryable: ${stated}" should be ${expected}`)
  }
  const REASON = /(?:reason|notPossible): '(\w+)'|(?:refuse|fail\('\w+',) ?\(?'(\w+)'/g
  for (const reason of new Set(sources.flatMap((path) => names(read(path), REASON))))
    if (!text.includes(`\`${reason}\``)) problems.push(`docs/errors.md: no reason \`${reason}\``)
}

/** Compares the first columns of the tables in docs/api.md with the members of the interfaces. */
function checkApi(): void {
  const client = (file: string, name: string): string[] => members(`src/client/${file}.ts`, name)
  const addOn = (file: string, name: string): string[] => members(`src/add-ons/${file}.ts`, name)
  const target = members('src/protocol/target.ts', 'TargetOptions')
  const tables = {
    '`createAuthClient': client('options', 'ClientOptions'),
    '`AuthClient`': client('auth-client', 'AuthClient'),
    'What `start`': client('call-options', 'StartOptions'),
    'What `loginWithRedirect`': [...client('call-options', 'LoginOptions'), ...target],
    'What `handleRedirectCallback`': client('call-options', 'CallbackOptions'),
    'What `getTokenSilently`': [...client('call-options', 'TokenOptions'), ...target],
    'What `logout`': client('call-options', 'LogoutOptions'),
    '`createAuthFetch': [...addOn('auth-fetch', 'AuthFetchOptions'), ...target, 'onLoginRequired'],
    '`diagnose': members('src/explain/diagnose.ts', 'DiagnoseOptions'),
    '`showDevtools': members('src/devtools/show-devtools.ts', 'DevtoolsOptions'),
    '`exchangeToken': [
      ...addOn('exchange-token', 'ExchangeOptions'),
      'scope',
      'audience',
      'resource',
    ],
    '`initiateLogin': addOn('initiate-login', 'InitiateLoginOptions'),
    '`fetchUserInfo': [...target, 'onLoginRequired', 'signal'],
    '`idleTimeout': addOn('idle-timeout', 'IdleTimeoutOptions'),
    '`sessionMonitor': addOn('session-monitor', 'SessionMonitorOptions'),
    '`requireLogin': addOn('require-login', 'RequireLoginOptions'),
    '`revokeTokens': addOn('revoke-tokens', 'RevokeOptions'),
    Events: client('events', 'AuthEvents'),
    '`fakeAuth': members('src/testing/app/fake-auth.ts', 'FakeAuthState'),
    '`sotto/testing`': ['AuthorizationServerOptions', 'Lives'].flatMap((name) =>
      members('src/testing/server/options.ts', name),
    ),
  }
  const sections = read('docs/api.md').split(/^##+ /m)
  for (const [heading, expected] of Object.entries(tables)) {
    const section = sections.find((one) => one.startsWith(heading)) ?? ''
    compare(`docs/api.md, ${heading}`, names(section, /^\| `(\w+)/gm), expected)
  }
}

function members(path: string, name: string): string[] {
  const body = new RegExp(`export interface ${name}\\b[^{]*{\\n([^]*?)\\n}`).exec(read(path))?.[1]
  if (body === undefined) problems.push(`${path} has no interface ${name}`)
  return names(body ?? '', /^ {2}(?:readonly )?(\w+)(?=[?:(<])/gm)
}

/** What the groups of a pattern find. */
function names(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).find(Boolean) ?? '')
}

function compare(where: string, stated: readonly string[], expected: readonly string[]): void {
  for (const name of expected)
    if (!stated.includes(name)) problems.push(`${where}: ${name} is missing`)
  for (const name of stated)
    if (!expected.includes(name)) problems.push(`${where}: there is no ${name}`)
}

function checkMentions(path: string): void {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: object }
  for (const name of names(read(path), /\bnpm (?:run ([\w:-]+)|(start|test)\b)/g))
    if (!(name in scripts)) problems.push(`${path}: there is no script ${name}`)
  for (const link of names(read(path), /\]\(([^)\s]+)\)/g)) {
    if (/^\w+:/.test(link)) continue
    const [file = '', anchor] = link.split('#')
    const target = file ? join(dirname(path), file) : path
    if (!existsSync(target)) problems.push(`${path}: ${link} leads nowhere`)
    else if (anchor && !anchors(target).includes(anchor))
      problems.push(`${path}: ${target} has no heading for #${anchor}`)
  }
}

/** The anchors of a document's headings, as GitHub and most others make them. */
function anchors(path: string): string[] {
  const headings = names(read(path), /^#+ (.+)$/gm)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
}

const summary = checkBlocks()
problems.push(...(await findTableProblems()))
checkErrors()
checkApi()
for (const path of documents) checkMentions(path)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${summary}; codes, options, scripts and links are in order`)
