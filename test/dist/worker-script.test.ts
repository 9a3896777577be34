// The script of the worker as bundlers and people take it: `new URL(…, import.meta.url)`, or a copy.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const script = readFileSync(join(root, 'dist/worker/vault-worker.js'), 'utf8')

test('is one file that runs as a classic script and as a module', () => {
  expect(script).not.toMatch(/^\s*(import|export)\b|\bimport\(|sourceMappingURL/m)
  expect(script).not.toMatch(/\beval\b|\bFunction\(/)
})

/** Files that it finds by name, from the package that is installed. */
async function bundle(main: string): Promise<readonly { name: string; text: string }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-worker-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // Else one in a folder above would count as the app's.
  writeFileSync(join(folder, 'package.json'), '{}')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/sotto'))
  writeFileSync(join(folder, 'main.js'), main)
  const result = await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: { write: false, rolldownOptions: { input: join(folder, 'main.js') } },
  })
  const files = [result].flat().flatMap((one) => ('output' in one ? one.output : []))
  return files.map((file) => ({
    name: file.fileName,
    text: String('code' in file ? file.code : file.source),
  }))
}

test('Vite puts it among the files of the app, as it is', async () => {
  const files = await bundle(`
    import { workerVault } from 'sotto/worker'
    export const strategy = workerVault(new URL('sotto/worker/script', import.meta.url))
  `)
  const copies = files.filter(({ name }) => /vault-worker-.*\.js$/.test(name))
  expect(copies.map(({ text }) => text)).toEqual([script])
  const others = files.filter((file) => !copies.includes(file))
  expect(others.some(({ text }) => text.includes(copies[0]?.name ?? '-'))).toBe(true)
  // Below 4 kB it would be a `data:` URL, which no strict policy lets through.
  expect(others.some(({ text }) => text.includes('data:text'))).toBe(false)
})

test('Vite finds it in a worker that an app makes itself', async () => {
  const files = await bundle(`
    import { workerVault } from 'sotto/worker'
    export const strategy = workerVault(
      () => new SharedWorker(new URL('sotto/worker/script', import.meta.url), { type: 'module' }),
    )
  `)
  const found = files.filter(({ name }) => /vault-worker-.*\.js$/.test(name))
  expect(found).toHaveLength(1)
  expect(found[0]?.text).toContain('onconnect')
})
