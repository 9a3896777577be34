// `npm run trace`: follows one call of getTokenSilently that a refresh token answers, on the built
// package, and counts what a reader has to follow: locks that are held over the network, readings
// of the stored record, and how often control passes from one file to another. Fails above the
// limits. A folder may be named in place of dist, to compare.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Window } from 'happy-dom'
import { parseAst } from 'rollup/parseAst'
import type * as Sotto from 'sotto'
import type * as Testing from 'sotto/testing'
import { root } from '../tools/run.ts'

const LIMITS = { locks: 1, reads: 3, moves: 168 }
const ORIGIN = 'http://localhost:3000'

interface Trace {
  /** The file of each named function that was entered, in order. */
  files: string[]
  functions: string[]
  locksOverNetwork: Set<string>
  reads: number
}
const trace: Trace = { files: [], functions: [], locksOverNetwork: new Set(), reads: 0 }
Object.assign(globalThis, {
  sayName(file: string, name: string) {
    trace.files.push(file)
    trace.functions.push(`${file}:${name}`)
  },
})

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly body?: Node | Node[]
  readonly [member: string]: unknown
}

/** The source with a call at the beginning of every function that has a name. */
function instrument(source: string, file: string): string {
  const insertions: [at: number, text: string][] = []
  const mark = (fn: Node, name: string): void => {
    const body = fn.body as Node
    const call = `sayName(${JSON.stringify(file)}, ${JSON.stringify(name)})`
    if (body.type === 'BlockStatement') insertions.push([body.start + 1, `${call};`])
    else insertions.push([body.start, `(${call}, `], [body.end, ')'])
  }
  const isFunction = (node: unknown): node is Node =>
    /^(ArrowFunction|Function)Expression$/.test((node as Node | null)?.type ?? '')
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk)
    if (typeof node !== 'object' || node === null) return
    const { type, id, key, init, value } = node as Readonly<Record<string, Node | undefined>> & Node
    const nameOf = (named: Node | undefined): string => String(named?.['name'] ?? '')
    if (type === 'FunctionDeclaration') mark(node as Node, nameOf(id))
    if (type === 'VariableDeclarator' && isFunction(init)) mark(init, nameOf(id))
    if (type === 'Property' && isFunction(value) && nameOf(key)) mark(value, nameOf(key))
    Object.values(node).forEach(walk)
  }
  walk(parseAst(source))
  return insertions
    .sort(([a], [b]) => b - a)
    .reduce((text, [at, inserted]) => text.slice(0, at) + inserted + text.slice(at), source)
}

/** A copy of the package whose functions say their names. */
function copyInstrumented(from: string): string {
  const to = mkdtempSync(join(root, '.trace-'))
  cpSync(from, to, { recursive: true })
  for (const path of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.js') || /^testing|min\.js$|silent-callback/.test(path)) continue
    const file = join(to, path)
    writeFileSync(file, instrument(readFileSync(file, 'utf8'), path))
  }
  return to
}

/** A page: what happy-dom has, and locks that say when they are held. */
function preparePage(held: Set<string>): void {
  const window = new Window({ url: `${ORIGIN}/` })
  const queues = new Map<string, Promise<unknown>>()
  const request = async (name: string, _: unknown, work: () => unknown): Promise<unknown> => {
    const before = queues.get(name)
    const run = (async () => {
      await before
      held.add(name)
      try {
        return await work()
      } finally {
        held.delete(name)
      }
    })()
    queues.set(
      name,
      run.catch(() => {}),
    )
    return run
  }
  const navigator = { locks: { request }, onLine: true, userAgent: '' }
  const { document, location, history, localStorage, sessionStorage } = window
  const globals = { document, location, history, localStorage, sessionStorage, navigator, window }
  for (const [name, value] of Object.entries({ ...globals, origin: ORIGIN }))
    Object.defineProperty(globalThis, name, { value, configurable: true })
  globalThis.addEventListener = window.addEventListener.bind(window) as typeof addEventListener
  globalThis.removeEventListener = window.removeEventListener.bind(
    window,
  ) as typeof removeEventListener
}

const held = new Set<string>()
preparePage(held)
const dist = copyInstrumented(
  resolve(process.argv.slice(2).find((one) => !one.startsWith('-')) ?? join(root, 'dist')),
)
const load = (path: string): Promise<unknown> => import(pathToFileURL(join(dist, path)).href)
const sotto = (await load('index.js')) as typeof Sotto
const { createAuthorizationServer } = (await load('testing/index.js')) as typeof Testing
rmSync(dist, { recursive: true })

const server = createAuthorizationServer({ issuer: 'https://login.example.com' })
const records = new Map<string, unknown>()
const visits: URL[] = []
const auth = sotto.createAuthClient({
  issuer: server.issuer,
  clientId: 'app',
  redirectUri: '/callback',
  scope: 'openid offline_access',
  renewal: [sotto.refreshToken()],
  navigate: (url) => void visits.push(url),
  fetch(input, init) {
    for (const name of held) trace.locksOverNetwork.add(name)
    return server.fetch(input, init)
  },
  tokenStorage: sotto.customStorage({
    async get(key) {
      trace.reads++
      return structuredClone(records.get(key))
    },
    async set(key, value) {
      records.set(key, structuredClone(value))
    },
    async delete(key) {
      records.delete(key)
    },
  }),
})
await auth.loginWithRedirect()
const outcome = server.control.authorize({ url: visits[0]?.href ?? '', user: 'alice' })
await auth.handleRedirectCallback({ url: 'location' in outcome ? outcome.location : '' })

Object.assign(trace, { files: [], functions: [], locksOverNetwork: new Set(), reads: 0 })
await auth.getTokenSilently({ cacheMode: 'off' })
const { files, functions } = trace
const counts = {
  locks: trace.locksOverNetwork.size,
  reads: trace.reads,
  moves: files.filter((file, index) => index > 0 && file !== files[index - 1]).length,
}
auth.dispose()
console.log(
  `one refresh: ${counts.locks} lock over the network, ${counts.reads} readings of the record, ${counts.moves} moves between ${new Set(files).size} files (${functions.length} calls of ${new Set(functions).size} functions)`,
)
if (process.argv.includes('--list')) console.log(functions.join('\n'))
for (const [name, limit] of Object.entries(LIMITS) as [keyof typeof LIMITS, number][])
  if (counts[name] > limit) {
    console.error(`${name}: ${counts[name]}, and the limit is ${limit}`)
    process.exitCode = 1
  }
process.exit()
