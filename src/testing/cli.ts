#!/usr/bin/env node
import { createAuthorizationServer } from './authorization-server.ts'
import { helpText } from './cli-help.ts'
import { readCommandLine, type CommandLine } from './cli-options.ts'
import { serveAuthorizationServer } from './node.ts'
import { configure } from './options.ts'

const loopback = ['127.0.0.1', '::1', 'localhost']

function describe({ host, server }: CommandLine): string {
  const { issuer, baseUrl, clients, users, usersAreDefault, control } = configure(server)
  const rows: readonly (readonly [string, string])[] = [
    ['Issuer', issuer],
    ['Discovery', `${baseUrl}/.well-known/openid-configuration`],
    ...(control ? [['Control', `${baseUrl}/control`] as const] : []),
    ...clients.flatMap(({ clientId, redirectUris }) =>
      redirectUris.map((uri) => ['Client', `${clientId}  ${uri}`] as const),
    ),
    ...users.map(({ username }) => ['User', username] as const),
  ]
  const notes = [
    ...(usersAreDefault ? ['The password of each user is the name.'] : []),
    ...(loopback.includes(host) ? [] : ['Others can reach it: let only a trusted network do so.']),
    'Ctrl-C stops it.',
  ]
  const table = rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`)
  return ['', ...table, '', ...notes.map((note) => `  ${note}`), ''].join('\n')
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'The port is taken: choose another with --port'
  // Of what parseArgs says, the second sentence is about arguments that begin with a dash.
  return message.split('. ')[0] ?? message
}

async function serve(commandLine: CommandLine): Promise<void> {
  const server = createAuthorizationServer(commandLine.server)
  const { close } = await serveAuthorizationServer(server, commandLine)
  process.stdout.write(`${describe(commandLine)}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close())
  }
}

try {
  const commandLine = readCommandLine(process.argv.slice(2))
  if (commandLine) await serve(commandLine)
  else process.stdout.write(helpText)
} catch (error) {
  process.stderr.write(`sotto-mock: ${explain(error)}\nsotto-mock --help says what there is.\n`)
  // 2 is for a command line that is wrong, 1 for a server that cannot start.
  process.exitCode = error instanceof TypeError ? 2 : 1
}
