// Prepares a release in the folder `release`: the package as npm gets it, what is in it (SBOM), and
// the notes. Fails where the tag, the version and the changelog do not agree, or where the package
// is not whole. Publishes nothing. By hand, because release tools write the changelog themselves.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { root, run } from './run.ts'

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

process.chdir(root)
const read = (path: string): string => readFileSync(path, 'utf8')
const npm = (...args: string[]): string => execFileSync('npm', args, { encoding: 'utf8' })
const { version } = JSON.parse(read('package.json')) as { readonly version: string }
const [tag = ''] = process.argv.slice(2)
const problems: string[] = []

if (tag && tag !== `v${version}`) problems.push(`the tag ${tag} is not the version ${version}`)
const [, title = '', notes = ''] =
  /^## (.+)\n([^]*?)(?=^## |$(?![^]))/m.exec(read('CHANGELOG.md')) ?? []
const isDated = title.startsWith(`${version} (`) && !title.includes('unreleased')
// Before there is a tag it may say `(unreleased)`.
if (!title.startsWith(version) || (tag && !isDated))
  problems.push(`CHANGELOG.md begins with "${title}", not with ${version} and its date`)

rmSync('release', { recursive: true, force: true })
mkdirSync('release')
const [packed] = JSON.parse(npm('pack', '--json', '--pack-destination', 'release')) as [Packed]
const files = new Set(packed.files.map(({ path }) => path))
// Of its entries.
if (await run('npm', ['exec', 'publint', '--', '--strict', `release/${packed.filename}`]))
  problems.push('publint refuses the package')
for (const path of ['dist/sotto.min.js', 'dist/sri.json', 'LICENSE', 'README.md'])
  if (!files.has(path)) problems.push(`the package lacks ${path}`)
for (const path of files)
  if (!/^(dist|docs)\/|^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path))
    problems.push(`the package has ${path}`)

writeFileSync('release/sbom.json', npm('sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'))
writeFileSync('release/notes.md', `${notes.trim()}\n`)
console.log(`release/${packed.filename}: ${files.size} files; sbom.json; notes.md`)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
