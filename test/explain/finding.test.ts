import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { finding, formatFindings, type FindingId } from '../../src/explain/finding.ts'

const source = readFileSync('src/explain/finding.ts', 'utf8')
const ids = [...source.matchAll(/^ {2}(\w+): \['/gm)].map(([, id]) => id as FindingId)

/** The anchors that GitHub makes of headings. */
const anchorsOf = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )

test.each(ids)('%s links to a section that there is', (id) => {
  const [, page = '', anchor] = /\/(docs\/[\w/-]+\.md)#(.+)$/.exec(finding(id, 'x').docs) ?? []
  expect(anchorsOf(page)).toContain(anchor)
})

test('all kinds of findings are tried here', () => expect(ids.length).toBeGreaterThan(30))

test('with something to do it is an error, unless told', () => {
  expect(finding('pkce', 'Fine.')).toMatchObject({ level: 'ok', evidence: {} })
  expect(finding('pkce', 'Fine.')).not.toHaveProperty('fix')
  expect(finding('pkce', 'Bad.', { fix: 'Do.' }).level).toBe('error')
  expect(finding('pkce', 'Hm.', { fix: 'Do.', level: 'hint' }).level).toBe('hint')
  const evidence = { asked: 'https://a', status: undefined }
  expect(Object.keys(finding('pkce', 'x', { evidence }).evidence)).toEqual(['asked'])
})

test('as text, what is wrong comes first, with what to do', () => {
  const findings = [
    finding('pkce', 'Fine.'),
    finding('site', 'Hm.', { fix: 'Perhaps.', level: 'hint' }),
    finding('issuer', 'Bad.', { fix: 'Do it.' }),
    finding('keys', 'Bad too.', { fix: 'Do it too.' }),
  ]
  const { docs } = finding('issuer', '')
  expect(formatFindings(findings).replaceAll(/ {2,}/g, '  ').split('\n')).toEqual([
    'error  issuer  Bad.',
    '  Do it.',
    `  ${docs}`,
    'error  keys  Bad too.',
    '  Do it too.',
    `  ${finding('keys', '').docs}`,
    'hint  site  Hm.',
    '  Perhaps.',
    'ok  pkce  Fine.',
    '',
    '2 errors, 1 hint, 1 ok',
  ])
})

test('the words of a server steer no terminal', () => {
  const text = 'a\u001b[2J\r\nb\u009bc\u202ed “ü”'
  const shown = 'a [2J b c d “ü”'
  const given = { fix: text, evidence: { one: text, list: [text], count: 2 } }
  expect(finding('issuer', text, given)).toMatchObject({
    what: shown,
    fix: shown,
    evidence: { one: shown, list: [shown], count: 2 },
  })
})
