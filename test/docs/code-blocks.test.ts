// Every block of TypeScript, Vue or Svelte that somebody may copy, from README, docs and the examples
// in doc comments: it compiles against the built package, or has the lines of an app that other tests drive.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lineAt, list, manuals, read } from './documents.ts'

interface Block {
  readonly path: string
  /** The line that its code begins in. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** The file that its lines are from, where it has one. */
  readonly source: string | undefined
}

function findBlocks(path: string): Block[] {
  const text = path.endsWith('.ts') ? read(path).replace(/^ *\* ?/gm, '') : read(path)
  const BLOCK = /(?:^<!-- lines of (.+) -->\n\n)?^```(tsx?|vue|svelte)(?: \[.+\])?\n([^]*?)^```$/gm
  return [...text.matchAll(BLOCK)].map(
    ({ 0: all, 1: source, 2: language = '', 3: code = '', index }) => {
      const line = lineAt(text, index + all.indexOf('```')) + 1
      return { path, line, language, code, source }
    },
  )
}

const blocks = [...manuals, ...list('src', '.ts')].flatMap(findBlocks)
const ofNoFile = blocks.filter(({ source }) => source === undefined)
const isTypeScript = ({ language }: Block): boolean => language.startsWith('ts')

test('the blocks of TypeScript compile', { timeout: 120_000 }, async () => {
  const compiled = ofNoFile.filter(isTypeScript)
  expect(compiled).not.toEqual([])
  expect(await compile(compiled)).toEqual([])
})

test('a block that no compiler here reads is from a file', () => {
  const unchecked = ofNoFile.filter((block) => !isTypeScript(block))
  expect(unchecked.map(({ path, line, language }) => `${path}:${line}: ${language}`)).toEqual([])
})

const excerpts = blocks.flatMap(({ path, line, source, code }) =>
  source === undefined ? [] : [[`${path}:${line}`, source, code] as const],
)
test.each(excerpts)('the block at %s has lines of %s, in their order', (_, source, code) => {
  const rest = existsSync(source) ? read(source).split('\n') : []
  for (const line of code.trim().split(/\s*\n\s*/)) {
    const found = rest.findIndex((one) => one.trim() === line)
    expect(found, `not in ${source}: ${line}`).not.toBe(-1)
    rest.splice(0, found + 1)
  }
})

/** What the compiler says of blocks, each as a module of the app in `app`. */
async function compile(modules: readonly Block[]): Promise<string[]> {
  mkdirSync('.cache/code-blocks', { recursive: true })
  const folder = mkdtempSync(join('.cache/code-blocks', 'app-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync('test/docs/app', folder, { recursive: true })
  for (const [index, { line, code, language }] of modules.entries()) {
    // Below as many empty lines as it has above it: the compiler's line numbers are the document's.
    const text = `${'\n'.repeat(line - 1)}${code}\nexport {}\n`
    writeFileSync(join(folder, 'src', `${index}.${language}`), text)
  }
  // Without the paths of `tsconfig.json` the package is found by its name, as npm will ship it.
  const args = [resolve('node_modules/typescript/bin/tsc'), '-p', '.', '--paths', 'null']
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, args, { cwd: folder }, (error, stdout) =>
      done(stdout || (error?.message ?? '')),
    )
  })
  const place = (_: string, index: string, line: string): string =>
    `${modules[Number(index)]?.path}:${line}`
  const lines = output.trim().replace(/^src\/(\d+)\.tsx?\((\d+),\d+\)/gm, place)
  return lines ? lines.split('\n') : []
}
