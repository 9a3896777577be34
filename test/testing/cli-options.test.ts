import { expect, test } from 'vitest'
import { helpText } from '../../src/testing/cli/help.ts'
import { readCommandLine } from '../../src/testing/cli/command-line.ts'

const devPorts = [3000, 4173, 4200, 5173, 8080]

/** An app may give `location.origin`, which has no slash at its end. */
const rootsOf = (port: number) => [`http://localhost:${port}/`, `http://localhost:${port}`]

test('needs no options', () => {
  expect(readCommandLine([])).toEqual({
    port: 4000,
    host: '127.0.0.1',
    server: {
      issuer: 'http://localhost:4000',
      clients: [
        {
          clientId: 'app',
          redirectUris: devPorts.flatMap((port) => [
            `http://localhost:${port}/callback`,
            ...rootsOf(port),
          ]),
          postLogoutRedirectUris: devPorts.flatMap(rootsOf),
        },
      ],
      secondFactor: false,
      refreshTokenRotation: true,
      endSession: true,
      checkSessionFrame: false,
      dpopNonces: false,
      control: true,
    },
  })
})

test('gathers the redirect URIs of each client', () => {
  const args = ['a=http://a.test/1', 'b=http://b.test/?x=y', 'a=http://a.test/2']
  const logout = ['--post-logout', 'http://a.test/bye']
  const read = readCommandLine([...args.flatMap((client) => ['--client', client]), ...logout])
  const postLogoutRedirectUris = ['http://a.test/bye']
  expect(read?.server.clients).toEqual([
    { clientId: 'a', redirectUris: ['http://a.test/1', 'http://a.test/2'], postLogoutRedirectUris },
    { clientId: 'b', redirectUris: ['http://b.test/?x=y'], postLogoutRedirectUris },
  ])
})

const clientOf = (args: readonly string[], id: string) =>
  readCommandLine(args)?.server.clients?.find(({ clientId }) => clientId === id)

test.each([
  ['http://localhost:1234', ['http://localhost:1234/callback', 'http://localhost:1234/']],
  ['https://a.test/cb?x=1', ['https://a.test/cb?x=1', 'https://a.test/']],
])('adds the app at %s to the default client', (app, redirectUris) => {
  const client = clientOf(['--app', app, '--post-logout', 'http://a.test/bye'], 'app')
  expect(client?.redirectUris).toEqual(
    expect.arrayContaining([app, ...redirectUris, 'http://localhost:5173/callback']),
  )
  expect(client?.postLogoutRedirectUris).toEqual(
    expect.arrayContaining([`${new URL(app).origin}/`, 'http://a.test/bye']),
  )
})

test('an app below a path has its callback there, and comes back there after a logout', () => {
  const base = 'http://localhost:5173/app/'
  const client = clientOf(['--app', base], 'app')
  expect(client?.redirectUris).toEqual(expect.arrayContaining([base, `${base}callback`]))
  expect(client?.postLogoutRedirectUris).toContain(base)
})

test('keeps the default client beside others only if an app is named', () => {
  const others = ['--client', 'other=http://a.test/']
  expect(clientOf(others, 'app')).toBeUndefined()
  expect(clientOf([...others, '--app', 'http://b.test'], 'app')).toBeDefined()
  expect(clientOf([...others, '--app', 'http://b.test'], 'other')).toBeDefined()
  const both = ['--client', 'app=http://a.test/', '--app', 'http://b.test']
  expect(clientOf(both, 'app')?.redirectUris).toEqual(
    expect.arrayContaining(['http://a.test/', 'http://b.test/callback']),
  )
})

test('serves an API beside it', () => {
  expect(readCommandLine(['--api', '4001'])).toMatchObject({ port: 4000, apiPort: 4001 })
})

test('makes users of names and passwords', () => {
  const read = readCommandLine(['--user', 'carol:a:b', '--user=dan@example.org:c'])
  expect(read?.server.users).toMatchObject([
    { sub: 'carol', username: 'carol', password: 'a:b', claims: { email: 'carol@example.com' } },
    { username: 'dan@example.org', password: 'c', claims: { email: 'dan@example.org' } },
  ])
})

test.each([
  ['--access-token-seconds', '7', { accessTokenSeconds: 7 }],
  ['--id-token-seconds', '7', { idTokenSeconds: 7 }],
  ['--refresh-token-seconds', '7', { refreshTokenSeconds: 7 }],
  ['--rotation-grace-seconds', '7', { rotationGraceSeconds: 7 }],
  ['--code-seconds', '7', { codeSeconds: 7 }],
  ['--session-idle-seconds', '7', { sessionIdleSeconds: 7 }],
  ['--session-absolute-seconds', '7', { sessionAbsoluteSeconds: 7 }],
  ['--second-factor-seconds', '7', { secondFactorSeconds: 7 }],
  ['--name', 'Acme', { name: 'Acme' }],
  ['--accent', '#c2410c', { accent: '#c2410c' }],
  [
    '--identity-provider',
    'Acme ID=http://a.test/',
    {
      identityProviders: [
        { id: 'acme-id', name: 'Acme ID', issuer: 'http://a.test/', clientId: 'sotto-mock' },
      ],
    },
  ],
  ['--issuer', 'https://a.test/x', { issuer: 'https://a.test/x' }],
  ['--host', '0.0.0.0', { issuer: 'http://localhost:4000' }],
  ['--host', 'mock.test', { issuer: 'http://mock.test:4000' }],
  ['--signing-alg', 'es256', { signingAlg: 'ES256' }],
  ['--control-origin', 'http://a.test', { controlOrigins: ['http://a.test'] }],
  ['--same-site', 'lax', { cookies: { sameSite: 'Lax', secure: false } }],
  ['--same-site', 'strict', { cookies: { sameSite: 'Strict', secure: false } }],
  ['--same-site', 'none', { cookies: { sameSite: 'None', secure: true } }],
])('takes %s %s', (flag, value, expected) => {
  expect(readCommandLine([flag, value])?.server).toMatchObject(expected)
})

test.each([
  ['--second-factor', { secondFactor: true }],
  ['--no-web-message', { responseModes: ['query', 'fragment'] }],
  ['--no-rotate', { refreshTokenRotation: false }],
  ['--rotate', { refreshTokenRotation: true }],
  ['--no-end-session', { endSession: false }],
  ['--check-session', { checkSessionFrame: true }],
  ['--dpop-nonces', { dpopNonces: true }],
  ['--pushed-requests=required', { pushedAuthorizationRequests: 'required' }],
  ['--pushed-requests=off', { pushedAuthorizationRequests: 'off' }],
  ['--no-control', { control: false }],
])('takes %s', (flag, expected) => {
  expect(readCommandLine([flag])?.server).toMatchObject(expected)
})

test.each([
  ['--port', '0', 'a whole number from 1 to 65535, not "0"'],
  ['--port', '65536', 'a whole number'],
  ['--code-seconds', '1.5', '--code-seconds needs a whole number from 1, not "1.5"'],
  ['--api', 'x', '--api needs a whole number from 1 to 65535'],
  ['--app', 'localhost:3000', '--app needs a URL'],
  ['--client', 'http://a.test/', '--client needs <id>=<redirect URI>'],
  ['--client', 'a=callback', '--client needs a URL with http: or https:, not "callback"'],
  ['--client', 'a=localhost:3000/', '--client needs a URL'],
  ['--client', '=http://a.test/', '<id>=<redirect URI>'],
  ['--post-logout', 'bye', '--post-logout needs a URL'],
  ['--issuer', 'localhost', '--issuer needs a URL'],
  ['--user', 'carol', '--user needs <name>:<password>'],
  ['--user', 'carol:', '--user needs <name>:<password>'],
  ['--identity-provider', 'Acme ID', '--identity-provider needs <name>=<issuer>'],
  ['--same-site', 'loose', '--same-site needs Lax or None or Strict'],
  ['--signing-alg', 'HS256', '--signing-alg needs RS256 or ES256'],
  ['--prot', '4000', "Unknown option '--prot'"],
])('refuses %s %s', (flag, value, message) => {
  expect(() => readCommandLine([flag, value])).toThrow(TypeError)
  expect(() => readCommandLine([flag, value])).toThrow(message)
})

test('helps with every option that it takes', () => {
  for (const help of ['--help', '-h'])
    expect(readCommandLine([help, '--port', '4000'])).toBeUndefined()
  const flags = helpText.match(/^ {2}--[\w-]+/gm)?.map((flag) => flag.trim()) ?? []
  expect(flags).toHaveLength(31)
  for (const flag of flags) {
    const read = () => readCommandLine([flag, 'x'])
    expect(read).not.toThrow('Unknown option')
  }
})
