#!/usr/bin/env node
import { serveAuthorizationServer } from '../node.ts'
import { createAuthorizationServer } from '../server/authorization-server.ts'
import { configure } from '../server/configuration.ts'
import { hostName, readCommandLine, type CommandLine } from './command-line.ts'
import { createEchoApi } from './echo-api.ts'
import { helpText } from './help.ts'

const loopback = ['127.0.0.1', '::1', 'localhost']
const MOST_LINES = 100

const apiUrl = (host: string, port: number) => `http://${hostName(host)}:${port}`

/** The redirect URIs of an origin stand in one line. */
function byOrigin(redirectUris: readonly string[]): readonly string[] {
  const origins = new Map<string, readonly string[]>()
  for (const uri of redirectUris) {
    const { origin } = new URL(uri)
    origins.set(origin, [...(origins.get(origin) ?? []), uri.slice(origin.length)])
  }
  return [...origins].map(([origin, paths]) => origin + paths.filter(Boolean).join(', '))
}

function describe({ host, apiPort, server }: CommandLine): string {
  const { issuer, baseUrl, clients, users, usersAreDefault, control } = configure(server)
  const rows: readonly (readonly [string, string])[] = [
    ['Issuer', issuer],
    ['Discovery', `${baseUrl}/.well-known/openid-configuration`],
    ...(control ? [['Control', `${baseUrl}/control`] as const] : []),
    ...(apiPort === undefined ? [] : [['Echo API', apiUrl(host, apiPort)] as const]),
    ...clients.flatMap(({ clientId, redirectUris }) =>
      byOrigin(redirectUris).map((uris) => ['Client', `${clientId}  ${uris}`] as const),
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
  if (code === 'EADDRINUSE') return 'The port is taken: choose another with --port or --api'
  // Of what parseArgs says, the second sentence is about arguments that begin with a dash.
  return message.split('. ')[0] ?? message
}

/** Prints what a developer has to know, each thing once. */
function createLog(): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    if (said.has(text) || said.size > MOST_LINES) return
    said.add(text)
    process.stderr.write(`  ${text}\n`)
  }
}

/** Starts what was asked for; says how to stop it. */
async function listen(commandLine: CommandLine): Promise<() => void> {
  const { host, apiPort } = commandLine
  const server = createAuthorizationServer({ ...commandLine.server, log: createLog() })
  const { close } = await serveAuthorizationServer(server, commandLine)
  if (apiPort === undefined) return () => void close()
  const origins = configure(commandLine.server).clients.flatMap((client) => client.origins)
  const api = createEchoApi(server, { url: apiUrl(host, apiPort), origins })
  try {
    const served = await serveAuthorizationServer(api, { port: apiPort, host })
    return () => void Promise.all([close(), served.close()])
  } catch (error) {
    await close()
    throw error
  }
}

async function serve(commandLine: CommandLine): Promise<void> {
  const stop = await listen(commandLine)
  process.stdout.write(`${describe(commandLine)}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
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
