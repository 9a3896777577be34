// Keeps the `integrity` of examples/script-tag true: the last step of `npm run build` writes it, and in CI, where nobody would
// commit what was written, a stale one fails the build. A wrong hash there would be copied.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const page = join(root, 'examples', 'script-tag', 'index.html')
const script = readFileSync(join(root, 'dist', 'sotto.min.js'))
const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`

const html = readFileSync(page, 'utf8')
const updated = html.replace(/(?<=integrity=")[^"]*/, integrity)
if (!updated.includes(integrity)) throw new Error(`${page} has no integrity`)
if (updated !== html && process.env['CI']) {
  console.error('examples/script-tag has a stale integrity: run `npm run build` and commit it')
  process.exitCode = 1
} else if (updated !== html) {
  writeFileSync(page, updated)
  console.log('examples/script-tag: integrity updated')
}
