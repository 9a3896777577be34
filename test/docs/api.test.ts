// The tables of docs/api.md have exactly the options and methods that the interfaces have.
import { expect, test } from 'vitest'
import { findAll, read } from './documents.ts'

/** The members of an interface, as its source has them. */
function members(path: string, name: string): string[] {
  const file = `src/${path}.ts`
  const body = new RegExp(`export interface ${name}\\b[^{]*{\\n([^]*?)\\n}`).exec(read(file))?.[1]
  if (body === undefined) throw new Error(`${file} has no interface ${name}`)
  return findAll(body, /^ {2}(?:readonly )?(\w+)(?=[?:(<])/gm)
}

const target = members('protocol/target', 'TargetOptions')
/** By the beginning of the heading. */
const tables: Readonly<Record<string, readonly string[]>> = {
  '`createAuthClient': members('client/options', 'ClientOptions'),
  '`AuthClient`': members('client/auth-client', 'AuthClient'),
  'What `start`': members('client/call-options', 'StartOptions'),
  'What `loginWithRedirect`': [...members('client/call-options', 'LoginOptions'), ...target],
  'What `handleRedirectCallback`': members('client/call-options', 'CallbackOptions'),
  'What `getTokenSilently`': [...members('client/call-options', 'TokenOptions'), ...target],
  'What `logout`': members('client/call-options', 'LogoutOptions'),
  Events: members('client/events', 'AuthEvents'),
  '`createAuthFetch': [
    ...members('add-ons/auth-fetch', 'AuthFetchOptions'),
    ...[...target, 'onLoginRequired'],
  ],
  '`exchangeToken': [
    ...members('add-ons/exchange-token', 'ExchangeOptions'),
    ...['scope', 'audience', 'resource'],
  ],
  '`fetchUserInfo': [...target, 'onLoginRequired', 'signal'],
  '`idleTimeout': members('add-ons/idle-timeout', 'IdleTimeoutOptions'),
  '`initiateLogin': members('add-ons/initiate-login', 'InitiateLoginOptions'),
  '`requireLogin': members('add-ons/require-login', 'RequireLoginOptions'),
  '`revokeTokens': members('add-ons/revoke-tokens', 'RevokeOptions'),
  '`sessionMonitor': members('add-ons/session-monitor', 'SessionMonitorOptions'),
  '`diagnose': members('explain/diagnose', 'DiagnoseOptions'),
  '`showDevtools': members('devtools/show-devtools', 'DevtoolsOptions'),
  '`fakeAuth': members('testing/app/fake-state', 'FakeAuthState'),
  '`sotto/testing`': [
    ...members('testing/server/options', 'AuthorizationServerOptions'),
    ...members('testing/server/options', 'Lives'),
  ],
}

const sections = read('docs/api.md').split(/^##+ /m)

test.each(Object.entries(tables))('docs/api.md, %s: the table is complete', (heading, expected) => {
  const section = sections.find((one) => one.startsWith(heading)) ?? ''
  const stated = findAll(section, /^\| `(\w+)/gm)
  expect([...new Set(stated)].sort()).toEqual([...new Set(expected)].sort())
})
