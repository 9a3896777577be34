import { expect, test } from 'vitest'
import { findMutationProblems, hash, hashConfig, hashTests } from '../../tools/mutation-score.mjs'

const source = 'src/protocol/url.ts'
const others = ['src/transport/t.ts', 'src/cache/c.ts', 'src/coordination/l.ts']
const tests = 'test/protocol/url.test.ts'

const firstTest = `test('refuses http', () => {
  const url = 'http://a.example'

  expect(isSecureUrl(url)).toBe(false)
})`
const secondTest = `test.each([
  'https://a.example',
])('takes %s', (url) => {
  expect(isSecureUrl(url)).toBe(true)
})`

/** A project whose score was measured just now. */
function measure() {
  const files: Record<string, string> = {
    'stryker.config.mjs': 'the configuration',
    [source]: 'the source',
    [tests]: `import { test } from 'vitest'\n\n${firstTest}\n\n${secondTest}\n`,
    ...Object.fromEntries(others.map((file) => [file, file])),
  }
  const readFile = (path: string): string | undefined => files[path]
  const row = (file: string, killedBy: readonly string[] = []) => ({
    ...{ hash: hash(files[file]), mutants: 100, survived: 0, killedBy },
  })
  const score = {
    config: hashConfig(readFile),
    files: {
      [source]: { ...row(source, [tests]), survived: 1 },
      ...Object.fromEntries(others.map((file) => [file, row(file)])),
    },
    tests: { [tests]: hashTests(files[tests]).join(' ') },
  }
  const survivors: Record<string, readonly unknown[]> = { [source]: ['the one that survived'] }
  const check = (sources: readonly string[] = [source, ...others]) =>
    findMutationProblems(score, survivors, sources, readFile)
  return { files, score, survivors, check }
}

test('the score of what was just measured is not stale', () => {
  expect(measure().check()).toEqual([])
})

test('a source that has changed makes the score stale', () => {
  const { files, check } = measure()
  files[source] += ' '
  expect(check()).toEqual([`${source} has changed`, 'Run `npm run mutate -- src/protocol/url.ts`'])
})

test('so does one that is new', () => {
  expect(measure().check([source, ...others, 'src/cache/new.ts'])).toEqual([
    'src/cache/new.ts has changed',
    'Run `npm run mutate -- src/cache/new.ts`',
  ])
})

test('so does one that is gone', () => {
  expect(measure().check(others)).toEqual([`${source} is gone`, 'Run `npm run mutate`'])
})

test.each([
  ['deleted', firstTest, ''],
  ['weakened', 'toBe(false)', 'toBeDefined()'],
  ['skipped', "test('refuses", "test.skip('refuses"],
  ['given less', "  'https://a.example',\n", ''],
])('so does a test that is %s', (_how, before, after) => {
  const { files, check } = measure()
  files[tests] = files[tests]!.replace(before, after)
  expect(check().at(-1)).toBe('Run `npm run mutate -- src/protocol/url.ts`')
})

test('so does a file of tests that is gone', () => {
  const { files, check } = measure()
  delete files[tests]
  expect(check().at(-1)).toBe('Run `npm run mutate -- src/protocol/url.ts`')
})

test('so does another configuration', () => {
  const { files, check } = measure()
  files['stryker.config.mjs'] = 'another configuration'
  expect(check().at(-1)).toBe('Run `npm run mutate`')
})

test('one more test, and other line ends, change nothing', () => {
  const { files, check } = measure()
  files[tests] = `${files[tests]}\ntest('one more', () => {})\n`.replaceAll('\n', '\r\n')
  expect(check()).toEqual([])
})

test('a mutant that survives and is not explained fails the check', () => {
  const { survivors, check } = measure()
  survivors[source] = []
  expect(check().join()).toMatch(/url\.ts: 1 mutants survive, and .* explains 0/)
})

test('explanations do not stand for tests', () => {
  const { score, survivors, check } = measure()
  score.files[source].survived = 6
  survivors[source] = Array.from({ length: 6 }, () => 'explained')
  expect(check().join()).toContain('src/protocol: the tests notice 94 % of the mutants')
})
