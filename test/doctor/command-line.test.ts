import { expect, test } from 'vitest'
import { readCommandLine } from '../../src/doctor/command-line.ts'
import { doctorHelp } from '../../src/doctor/help.ts'

const needed = ['--client', 'spa', '--redirect', 'https://app.example/cb']

test('needs an issuer, a client and a redirect URI', () => {
  expect(readCommandLine(['https://a.example', ...needed])).toEqual({
    isJson: false,
    setUp: {
      issuer: 'https://a.example',
      clientId: 'spa',
      redirectUri: 'https://app.example/cb',
      scope: 'openid profile email',
    },
  })
})

test('takes a path as redirect URI where the app is known, and adds openid', () => {
  const more = [
    '--app',
    'https://app.example/shop',
    '--scope',
    'orders',
    '--audience',
    'x',
    '--json',
  ]
  const args = ['https://a.example', '--client', 'spa', '--redirect', '/cb', ...more]
  expect(readCommandLine(args)).toEqual({
    isJson: true,
    setUp: {
      issuer: 'https://a.example',
      clientId: 'spa',
      redirectUri: 'https://app.example/cb',
      app: 'https://app.example/shop',
      scope: 'openid orders',
      audience: 'x',
    },
  })
})

test.each([
  ['no arguments', [], 'The issuer is missing'],
  ['an issuer that is no URL', ['a.example', ...needed], 'The issuer needs a URL'],
  ['two issuers', ['https://a.example', 'https://b.example', ...needed], 'Only one issuer'],
  ['no client', ['https://a.example', ...needed.slice(2)], '--client is missing'],
  [
    'an empty client',
    ['https://a.example', '--client', '', ...needed.slice(2)],
    '--client is missing',
  ],
  ['no redirect URI', ['https://a.example', ...needed.slice(0, 2)], '--redirect is missing'],
  [
    'a redirect URI that is a path',
    ['https://a.example', '--client', 'x', '--redirect', '/cb'],
    '--redirect needs a URL',
  ],
  ['an app that is no URL', ['https://a.example', ...needed, '--app', 'here'], '--app needs a URL'],
  [
    'an unknown option',
    ['https://a.example', ...needed, '--clientt', 'x'],
    "Unknown option '--clientt'",
  ],
])('refuses a command line with %s', (_, args, message) => {
  expect(() => readCommandLine(args)).toThrow(TypeError)
  expect(() => readCommandLine(args)).toThrow(message)
})

test('helps with every option that it takes', () => {
  for (const help of ['--help', '-h']) expect(readCommandLine([help])).toBeUndefined()
  const flags = doctorHelp.match(/^ {2}--\w+/gm)?.map((flag) => flag.trim()) ?? []
  expect(flags).toHaveLength(7)
  for (const flag of flags) {
    const value = /^--(json|help)$/.test(flag) ? [] : ['https://x.example']
    expect(() => readCommandLine(['https://a.example', ...needed, flag, ...value])).not.toThrow()
  }
})
