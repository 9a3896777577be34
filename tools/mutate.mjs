// `npm run mutate`: Stryker changes the sources in small ways, one at a time, and runs the unit tests on each; then the score is
// written. With the names of source files, only their mutants are run and only their rows written. decisions/0014 says more.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import {
  hash,
  hashConfig,
  hashTests,
  list,
  listSources,
  read,
  SCORE_FILE,
  sumDirectories,
  SURVIVORS_FILE,
} from './mutation-score.mjs'
import { root, run } from './run.mjs'

const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js'
// An error is one of the run: what the tests say of the mutant is not known.
const SURVIVED = ['Survived', 'NoCoverage', 'RuntimeError']
const NOTICED = ['Killed', 'Timeout']
const RESULTS = '.cache/mutation.json'

const sources = listSources()
const args = process.argv.slice(2)
const chosen = args.filter((arg) => !arg.startsWith('-'))
const unknown = chosen.filter((file) => !sources.includes(file))
if (unknown.length > 0) throw new Error(`no file that is mutated: ${unknown.join(', ')}`)
const files = chosen.length > 0 ? chosen : sources

const config = hashConfig()
const old = JSON.parse(read(SCORE_FILE) ?? '{"files":{},"tests":{}}')
if (chosen.length > 0 && old.config !== config)
  throw new Error('the configuration has changed: run `npm run mutate` without a name')

// What is measured is what is there now; it may change before the run is over.
const texts = Object.fromEntries(
  [...sources, ...list(['test'], '.test.ts')].map((file) => [file, read(file)]),
)
forgetSurvivors()
const code = await run(process.execPath, [
  ...[stryker, 'run'],
  ...(chosen.length > 0 ? ['--mutate', chosen.join()] : []),
  ...args.filter((arg) => arg.startsWith('-')),
])
if (code !== 0) throw new Error(`Stryker ended with code ${code}`)

const report = JSON.parse(read(RESULTS))
const explained = JSON.parse(read(SURVIVORS_FILE) ?? '{}')
const testFiles = new Map(
  Object.entries(report.testFiles).flatMap(([file, { tests }]) =>
    tests.map(({ id }) => [id, file]),
  ),
)
const rows = Object.fromEntries(
  sources
    .map((file) => [file, files.includes(file) ? measure(file) : old.files[file]])
    .filter(([, row]) => row),
)
await write(SCORE_FILE, {
  ...sumDirectories(rows),
  config,
  files: rows,
  tests: hashKillers(),
})

/** Has what survived tried once more: Stryker does not know which constants a new test reaches, and keeps their results. */
function forgetSurvivors() {
  const results = JSON.parse(read(RESULTS) ?? 'null')
  if (!results) return
  for (const file of Object.values(results.files))
    file.mutants = file.mutants.filter(({ status }) => status === 'Killed')
  writeFileSync(join(root, RESULTS), JSON.stringify(results))
}

/** The row of a file, from Stryker's report. */
function measure(file) {
  // Types alone have none.
  const { mutants = [] } = report.files[file] ?? {}
  const survivors = mutants.filter(({ status }) => SURVIVED.includes(status))
  const noticed = mutants.filter(({ status }) => NOTICED.includes(status))
  listUnexplained(file, survivors)
  const killers = noticed.flatMap(({ killedBy = [] }) => killedBy.map((id) => testFiles.get(id)))
  return {
    hash: hash(texts[file]),
    mutants: noticed.length + survivors.length,
    survived: survivors.length,
    killedBy: Object.keys(texts).filter((path) => killers.includes(path)),
  }
}

/** Prints what survived, as an explanation of it begins, and the explanations that nothing needs any more. */
function listUnexplained(file, survivors) {
  const lines = texts[file].split('\n')
  const left = (explained[file] ?? []).map(({ code, instead }) => JSON.stringify({ code, instead }))
  for (const { location, replacement } of survivors) {
    const code = lines[location.start.line - 1].trim()
    const instead = replacement.replace(/\s+/g, ' ').slice(0, 80)
    const one = JSON.stringify({ code, instead })
    if (left.includes(one)) left.splice(left.indexOf(one), 1)
    else console.log(`${file}:${location.start.line} survived: ${one}`)
  }
  for (const one of left) console.log(`${file}: explained, but it did not survive: ${one}`)
}

/** The tests that the rows rest on: as they were now, where all that rest on them were measured now. */
function hashKillers() {
  const killers = Object.values(rows).flatMap(({ killedBy }) => killedBy)
  return Object.fromEntries(
    Object.keys(texts)
      .filter((path) => killers.includes(path))
      .map((test) => {
        const isMeasured = Object.entries(rows).every(
          ([file, { killedBy }]) => files.includes(file) || !killedBy.includes(test),
        )
        const hashes = isMeasured ? hashTests(texts[test]).join(' ') : old.tests[test]
        return [test, hashes]
      }),
  )
}

async function write(path, value) {
  const file = join(root, path)
  const style = { ...(await resolveConfig(file)), filepath: file }
  writeFileSync(file, await format(JSON.stringify(value), style))
}
