import { parseArgs } from 'node:util'
import { url } from '../testing/cli/values.ts'
import type { SetUp } from './set-up.ts'

/** What the command line asks for. */
export interface CommandLine {
  readonly setUp: SetUp
  readonly isJson: boolean
}

const text = { type: 'string' } as const
const off = { type: 'boolean', default: false } as const

const options = {
  client: text,
  redirect: text,
  app: text,
  audience: text,
  scope: { type: 'string', default: 'openid profile email' },
  json: off,
  help: { ...off, short: 'h' },
} as const

/**
 * Reads the command line of `sotto doctor`; undefined where it asks for help.
 *
 * @throws TypeError with a message for the user
 */
export function readCommandLine(args: readonly string[]): CommandLine | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  if (values.help) return undefined
  const [issuer, ...more] = positionals
  if (issuer === undefined) throw new TypeError('The issuer is missing')
  if (more.length > 0) throw new TypeError(`Only one issuer is taken, not "${more[0]}" too`)
  const { client, redirect, app, audience, scope, json } = values
  if (!client) throw new TypeError('--client is missing')
  if (redirect === undefined) throw new TypeError('--redirect is missing')
  const checkedApp = app === undefined ? undefined : url('app', app)
  return {
    isJson: json,
    setUp: {
      issuer: url('issuer', issuer, 'The issuer').trim(),
      clientId: client,
      redirectUri: redirectUri(redirect, checkedApp),
      scope: scope.split(' ').includes('openid') ? scope : `openid ${scope}`,
      ...(checkedApp === undefined ? {} : { app: checkedApp }),
      ...(audience === undefined ? {} : { audience }),
    },
  }
}

/** Relative to the app, as in the options of a client. */
function redirectUri(value: string, app: string | undefined): string {
  const isPath = app !== undefined && value.startsWith('/')
  return isPath ? new URL(value, app).href : url('redirect', value)
}
