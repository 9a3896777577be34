// What the built bindings import: an app has one copy of the library, and only the framework that
// it uses.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const dist = join(import.meta.dirname, '../../dist')

/** What each binding stands on. */
const BINDINGS: Readonly<Record<string, readonly string[]>> = {
  angular: [
    '../add-ons/allowed-origins.js',
    '../add-ons/find-token.js',
    '../add-ons/hold-user.js',
    '../add-ons/own-options.js',
    '../add-ons/replace-token.js',
    '@angular/common',
    '@angular/common/http',
    '@angular/core',
    '@angular/router',
    'rxjs',
    'sotto',
  ],
  react: ['react', 'sotto'],
  svelte: ['sotto', 'svelte/store'],
  vue: ['sotto', 'vue', 'vue-router'],
}
const FRAMEWORK = /^(@angular|react|rxjs|svelte|vue)\b/

/** What the files of a folder import from outside of it. */
function importsOf(folder: string): Set<string> {
  const all = readdirSync(join(dist, folder), { recursive: true, encoding: 'utf8' })
  const files = all.filter((name) => /\.(js|d\.ts)$/.test(name))
  const texts = files.map((name) => readFileSync(join(dist, folder, name), 'utf8'))
  const found = texts.flatMap((text) => [
    ...text.matchAll(/^(?:import|export) (?:type )?\{[^}]*\} from ['"](.+?)['"]/gm),
  ])
  return new Set(found.map(([, name = '']) => name).filter((name) => !name.startsWith('./')))
}

for (const [name, imports] of Object.entries(BINDINGS))
  test(`sotto/${name} imports the library by its name, and its framework`, () => {
    expect([...importsOf(name)].sort()).toEqual(imports)
  })

test('nothing else imports a framework', () => {
  const rooms = readdirSync(dist, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !(entry.name in BINDINGS))
    .map(({ name }) => name)
  expect(rooms).toContain('client')
  const imported = rooms.flatMap((room) => [...importsOf(room)])
  expect(imported.filter((one) => FRAMEWORK.test(one))).toEqual([])
})
