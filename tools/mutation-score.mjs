// What test/mutation/score.json says, and when it no longer holds. `npm run mutate` writes it, `npm run check:mutants` reads it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './run.mjs'

export const SCORE_FILE = 'test/mutation/score.json'
export const SURVIVORS_FILE = 'test/mutation/survivors.json'
const DIRECTORIES = ['protocol', 'browser', 'session', 'authorization', 'renewal'].map(
  (name) => `src/${name}`,
)
/** What decides which mutants there are and which tests they meet. */
const CONFIG_FILES = ['stryker.config.mjs', 'vitest.mutation.config.ts']
/** Percent of its mutants that each directory's tests must notice. */
const LEAST_SCORE = 95

/** Reads a file of the project; undefined where there is none. */
export function read(path) {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** The paths of the files in some directories whose names end as given. */
export function list(directories, extension) {
  return directories
    .flatMap((directory) =>
      readdirSync(join(root, directory), { recursive: true })
        .filter((path) => path.endsWith(extension))
        .map((path) => `${directory}/${path.replaceAll('\\', '/')}`),
    )
    .sort()
}

export function listSources() {
  return list(DIRECTORIES, '.ts')
}

export function hash(text = '') {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 12)
}

export function hashConfig(readFile = read) {
  return hash(CONFIG_FILES.map((file) => readFile(file)).join('\n'))
}

/** A hash of each test in a file, each without the others: a test that is added takes nothing away from a score. */
export function hashTests(text = '') {
  const tests = text.replaceAll('\r\n', '\n').match(/^test\b[^]*?(?=\n[\w/]|(?![^]))/gm) ?? []
  return tests.map((one) => hash(one.trim()))
}

/** The rows of the directories, and of all together, from those of the files. */
export function sumDirectories(files) {
  const sum = (rows) => {
    const mutants = rows.reduce((total, [, row]) => total + row.mutants, 0)
    const survived = rows.reduce((total, [, row]) => total + row.survived, 0)
    const score = Math.floor((1 - survived / mutants) * 1000) / 10
    return { mutants, noticed: mutants - survived, survived, score }
  }
  const rows = Object.entries(files)
  return {
    total: sum(rows),
    directories: Object.fromEntries(
      DIRECTORIES.map((directory) => [
        directory,
        sum(rows.filter(([file]) => dirname(file) === directory)),
      ]),
    ),
  }
}

/**
 * What is wrong with the score: sentences, of which the last ones say what to do.
 *
 * @param score the content of test/mutation/score.json
 * @param survivors the content of test/mutation/survivors.json: for each file the mutants that are explained
 * @param sources the files that are mutated now
 * @param readFile reads any file of the project
 */
export function findMutationProblems(score, survivors, sources = listSources(), readFile = read) {
  if (score.config !== hashConfig(readFile))
    return [`${CONFIG_FILES.join(' or ')} has changed`, 'Run `npm run mutate`']
  const stale = findStaleFiles(score, sources, readFile)
  const gone = Object.keys({ ...score.files, ...survivors }).filter(
    (file) => !sources.includes(file),
  )
  if (stale.length > 0 || gone.length > 0)
    return [
      ...gone.map((file) => `${file} is gone`),
      ...stale.map(([, reason]) => reason),
      `Run \`npm run mutate${stale.length > 0 ? ' --' : ''}${stale.map(([file]) => ` ${file}`).join('')}\``,
    ]
  return [
    ...sources
      .map((file) => [file, score.files[file].survived, survivors[file]?.length ?? 0])
      .filter(([, survived, explained]) => survived !== explained)
      .map(
        ([file, survived, explained]) =>
          `${file}: ${survived} mutants survive, and ${SURVIVORS_FILE} explains ${explained}: add tests or explanations`,
      ),
    ...Object.entries(sumDirectories(score.files).directories)
      .filter(([, row]) => !(row.score >= LEAST_SCORE))
      .map(
        ([directory, row]) =>
          `${directory}: the tests notice ${row.score} % of the mutants, and must notice ${LEAST_SCORE} %: add tests`,
      ),
  ]
}

/** The files whose rows say nothing any more, each with a sentence that says why. */
function findStaleFiles(score, sources, readFile) {
  const changedTests = Object.entries(score.tests)
    .filter(([test, hashes]) => {
      const now = hashTests(readFile(test))
      return !hashes.split(' ').every((one) => now.includes(one))
    })
    .map(([test]) => test)
  return sources.flatMap((file) => {
    const row = score.files[file]
    if (row?.hash !== hash(readFile(file))) return [[file, `${file} has changed`]]
    const test = row.killedBy.find((one) => changedTests.includes(one))
    return test ? [[file, `${test} lacks a test, or has another one, that ${file} rests on`]] : []
  })
}
