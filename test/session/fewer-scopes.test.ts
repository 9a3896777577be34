// @vitest-environment happy-dom
// What an ID token tells of the user that came with a token for fewer scopes than the client's.
import { beforeEach, expect, test } from 'vitest'
import { createEntry } from '../../src/session/token-cache.ts'
import { createTokenSet } from '../support/flow-tokens.ts'
import { openTab, prepareTabs, type Tab } from '../support/session-tab.ts'

beforeEach(prepareTabs)

const scope = 'openid profile'

function bringFor(requestedScope: string, changes: Readonly<Record<string, unknown>>) {
  const claims = { sub: 'alice', acr: '1', sid: 'first', ...changes }
  const tokens = createTokenSet({ scope: requestedScope, claims })
  return [tokens, createEntry(tokens, { partition: '', scope: requestedScope })] as const
}

/** A tab of Alice, whose name is known. */
async function signedIn(): Promise<Tab> {
  const tab = openTab(undefined, { scope })
  const generation = tab.session.currentGeneration()
  const login = { generation, sessionParams: undefined }
  await tab.session.signIn(...bringFor('openid profile', { name: 'Alice' }), login)
  return tab
}

const renew = ({ session }: Tab, requestedScope: string, changes: object): Promise<void> =>
  session.renewed(...bringFor(requestedScope, { ...changes }), {
    generation: session.currentGeneration(),
    refreshToken: undefined,
  })

test('a silent token leaves the user as they are', async () => {
  const tab = await signedIn()
  const known = tab.session.identity
  await renew(tab, 'openid', {})
  expect(tab.session.identity).toMatchObject({ idToken: known?.idToken, claims: known?.claims })
})

test.each([
  ['of another authentication', { acr: '2' }],
  ['of another session at the server', { sid: 'second' }],
])('a silent token %s is told', async (_, changes) => {
  const tab = await signedIn()
  await renew(tab, 'openid', changes)
  expect(tab.session.user).toMatchObject(changes)
})

test('an ID token without acr and sid tells of no other', async () => {
  const tab = await signedIn()
  await renew(tab, 'openid', { acr: undefined, sid: undefined })
  expect(tab.session.user).toMatchObject({ name: 'Alice', acr: '1', sid: 'first' })
})

test('a token for the scopes of the client, in any order, tells who the user is now', async () => {
  const tab = await signedIn()
  await renew(tab, 'profile openid', { name: 'Alice Hargreaves' })
  expect(tab.session.user).toMatchObject({ name: 'Alice Hargreaves' })
})

test('a login tells it whatever it was for', async () => {
  const tab = await signedIn()
  const { session } = tab
  const login = { generation: session.currentGeneration(), sessionParams: undefined }
  await session.signIn(...bringFor('openid', {}), login)
  expect(session.user).not.toHaveProperty('name')
})

test('a login in place of a silent request leaves the user as they are', async () => {
  const { session } = await signedIn()
  const login = { generation: session.currentGeneration(), sessionParams: undefined }
  await session.signIn(...bringFor('openid', {}), { ...login, isFallback: true })
  expect(session.user).toMatchObject({ name: 'Alice' })
})
