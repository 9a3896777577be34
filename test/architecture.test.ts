import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

/**
 * Who may import whom (CONTRIBUTING.md, "Layers"), by folder or file of `src`. Everybody may import `errors` and `own-fields`, which stand
 * below all layers, and types of those named after `types`.
 */
const ALLOWED: Readonly<Record<string, { readonly values: string; readonly types?: string }>> = {
  index: {
    values: 'auth-fetch auto-renew client fetch-user-info options renewal revoke-tokens storage',
    types: 'cache context events flow protocol session',
  },
  client: {
    values: 'client-context context flow options protocol session transport',
    types: 'events',
  },
  // Functions that take the client.
  'auth-fetch': { values: 'protocol replace-token', types: 'client flow' },
  'auto-renew': { values: 'cache client-context flow protocol transport', types: 'client context' },
  'fetch-user-info': {
    values: 'client-context coordination flow protocol replace-token session',
    types: 'client',
  },
  'revoke-tokens': {
    values: 'client-context coordination flow protocol renewal',
    types: 'cache client context',
  },
  // What two of them share.
  'replace-token': { values: '', types: 'client flow' },
  'client-context': { values: 'protocol', types: 'context' },
  context: {
    values: 'cache coordination events protocol session storage transport',
    types: 'options',
  },
  options: { values: 'protocol renewal storage', types: 'events' },
  session: { values: 'events', types: 'protocol' },
  events: { values: '', types: 'session' },
  errors: { values: '' },
  'own-fields': { values: '' },
  flow: {
    values: 'protocol transport cache coordination',
    types: 'context options session renewal',
  },
  // The default strategies are part of the client's options; a strategy completes its request as every flow does. That of refresh
  // tokens has a lock of its own, and knows what the session record says of its token.
  renewal: { values: 'flow transport storage protocol cache coordination', types: 'context' },
  cache: { values: 'storage protocol' },
  coordination: { values: '' },
  transport: { values: '' },
  storage: { values: '' },
  protocol: { values: '' },
  testing: { values: '' },
  'silent-callback': { values: '' },
}
const BELOW_ALL = ['errors', 'own-fields']

/** Packages, and the only places that may import their values. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  oauth4webapi: /^protocol\//,
  'idb-keyval': /^storage\/indexed-db-storage\.ts$/,
  'node:util': /^testing\/cli-options\.ts$/,
  'node:http': /^testing\/node\.ts$/,
  'node:net': /^testing\/node\.ts$/,
  'node:https': /^testing\/node\.ts$/,
}

const MAX_LINES = 300

interface Source {
  readonly path: string
  readonly text: string
}

interface Import {
  readonly target: string
  readonly isType: boolean
}

const STATEMENT =
  /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

function importsOf({ path, text }: Source): Import[] {
  return [...withoutComments(text).matchAll(STATEMENT)].map(
    ([, type, names = '', from, dynamic]) => {
      const members = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1]?.split(',') ?? ['*']
      const isErased = members.every((member) => !member.trim() || /^\s*type\s/.test(member))
      const specifier = from ?? dynamic ?? ''
      return {
        target: specifier.startsWith('.') ? join(dirname(path), specifier) : specifier,
        isType: !dynamic && (!!type || isErased),
      }
    },
  )
}

const layerOf = (path: string): string => path.split('/')[0]!.replace(/\.ts$/, '')

function checkImport({ path }: Source, { target, isType }: Import): string | undefined {
  const complaint = `${path} imports ${target}`
  if (!target.endsWith('.ts')) {
    const allowed = PACKAGES[target]
    return allowed && (isType || allowed.test(path)) ? undefined : complaint
  }
  const [from, to] = [layerOf(path), layerOf(target)]
  const rule = ALLOWED[from]
  if (!rule) return `${path} is in no layer`
  if (from === to && path.includes('/')) return undefined
  const isBelow = BELOW_ALL.includes(to) && from !== 'testing' && !BELOW_ALL.includes(from)
  const isDrawn = rule.values.split(' ').includes(to)
  const isDrawnForTypes = isType && rule.types?.split(' ').includes(to)
  return isBelow || isDrawn || isDrawnForTypes ? undefined : complaint
}

const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['a default export', /^export default\b/m],
  ['an enum', /^\s*(export )?(const )?enum\s/m],
  ['a namespace', /^\s*(export )?namespace\s/m],
  ['export *', /^export \*/m],
]

function checkShape({ path, text }: Source): string[] {
  const code = withoutComments(text)
  const complaints = FORBIDDEN.filter(([, pattern]) => pattern.test(code)).map(
    ([name]) => `${path} has ${name}`,
  )
  if (/^\s*(export )?(abstract )?class\s/m.test(code) && path !== 'errors.ts')
    complaints.push(`${path} has a class`)
  if (text.trimEnd().split('\n').length > MAX_LINES) complaints.push(`${path} is too long`)
  const touched =
    /(?<![.\w'"-])(window|document|localStorage|sessionStorage|navigator|indexedDB)\b(?!['":])/
  if (path.startsWith('protocol/') && touched.test(code))
    complaints.push(`${path} touches ${touched.exec(code)?.[1]}`)
  return complaints
}

/** A way round that leads back to where it began, along imports that are there at run time. */
function findCycle(sources: readonly Source[]): string | undefined {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source).flatMap(({ target, isType }) => (isType ? [] : [target])),
    ]),
  )
  const done = new Set<string>()
  function visit(path: string, trail: readonly string[]): string | undefined {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ')
    if (done.has(path)) return undefined
    for (const target of graph.get(path) ?? []) {
      const cycle = visit(target, [...trail, path])
      if (cycle) return cycle
    }
    done.add(path)
    return undefined
  }
  return sources.map(({ path }) => visit(path, [])).find((cycle) => cycle !== undefined)
}

function check(sources: readonly Source[]): string[] {
  const cycle = findCycle(sources)
  return [
    ...sources.flatMap((source) => [
      ...importsOf(source).flatMap((one) => checkImport(source, one) ?? []),
      ...checkShape(source),
    ]),
    ...(cycle ? [`a cycle: ${cycle}`] : []),
  ]
}

const root = new URL('../src', import.meta.url).pathname
const sources: readonly Source[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((file) => ({ path: relative(root, file), text: readFileSync(file, 'utf8') }))

test('every file of src keeps to the layers and the shape that CONTRIBUTING.md draws', () => {
  expect(sources.length).toBeGreaterThan(50)
  expect(check(sources)).toEqual([])
})

test('every import line of src is understood', () => {
  for (const source of sources) {
    const lines = withoutComments(source.text).match(/\bfrom '/g)?.length ?? 0
    expect([source.path, importsOf(source).length]).toEqual([source.path, lines])
  }
})

test.each<[string, string, string]>([
  ['flow/x.ts', "import { a } from '../renewal/silent-iframe.ts'", 'imports renewal/'],
  ['flow/x.ts', "import { a } from '../client.ts'", 'imports client.ts'],
  ['flow/x.ts', "import { type A, b } from '../context.ts'", 'imports context.ts'],
  ['flow/x.ts', "import {\n  a,\n} from '../session.ts'", 'imports session.ts'],
  ['flow/x.ts', "import { a } from 'oauth4webapi'", 'imports oauth4webapi'],
  ['cache/x.ts', "import { a } from '../flow/y.ts'", 'imports flow/y.ts'],
  ['cache/x.ts', "export { a } from '../transport/y.ts'", 'imports transport/y.ts'],
  ['storage/x.ts', "import { get } from 'idb-keyval'", 'imports idb-keyval'],
  ['storage/x.ts', "import 'lodash'", 'imports lodash'],
  ['protocol/x.ts', "import { a } from '../transport/y.ts'", 'imports transport/y.ts'],
  ['protocol/x.ts', "const a = await import('../flow/y.ts')", 'imports flow/y.ts'],
  ['testing/x.ts', "import { AuthError } from '../errors.ts'", 'imports errors.ts'],
  ['testing/x.ts', "import type { A } from '../protocol/y.ts'", 'imports protocol/y.ts'],
  ['errors.ts', "import type { A } from './client.ts'", 'imports client.ts'],
  ['unknown/x.ts', "import { a } from '../errors.ts'", 'is in no layer'],
  ['flow/x.ts', 'export default 1', 'a default export'],
  ['flow/x.ts', 'export enum A {}', 'an enum'],
  ['flow/x.ts', 'const enum A {}', 'an enum'],
  ['flow/x.ts', 'class A {}', 'a class'],
  ['index.ts', "export * from './client.ts'", 'export *'],
  ['protocol/x.ts', 'const a = window.name', 'touches window'],
  ['protocol/x.ts', "sessionStorage.getItem('a')", 'touches sessionStorage'],
  ['flow/x.ts', '\n'.repeat(300) + 'x', 'is too long'],
])('the checker finds what is wrong in %s: %j', (path, text, complaint) => {
  expect(check([{ path, text }]).join()).toContain(complaint)
})

test.each<[string, string]>([
  ['flow/x.ts', "import type { A } from '../context.ts'\nimport { b } from '../errors.ts'"],
  ['flow/x.ts', "import { type A, type B } from '../renewal/renewal-strategy.ts'"],
  ['options.ts', "import type { JWKS } from 'oauth4webapi'"],
  ['flow/x.ts', "// import { a } from '../client.ts'\n/* class A {} */"],
  ['protocol/x.ts', "/** No window, no document. */\nconst a = 'window'"],
])('the checker lets %s pass: %j', (path, text) => {
  expect(check([{ path, text }])).toEqual([])
})

test('the checker finds a cycle of values, and lets one of types pass', () => {
  const a = { path: 'flow/a.ts', text: "import { b } from './b.ts'" }
  const b = (kind: string) => ({ path: 'flow/b.ts', text: `import ${kind}{ a } from './a.ts'` })
  expect(check([a, b('')])).toEqual(['a cycle: flow/a.ts → flow/b.ts → flow/a.ts'])
  expect(check([a, b('type ')])).toEqual([])
})
