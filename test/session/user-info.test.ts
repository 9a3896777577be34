// @vitest-environment happy-dom
// What else is known of a user, where two tabs store at once.
import { beforeEach, expect, test } from 'vitest'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createTokenSet } from '../support/flow-tokens.ts'
import { bring, KEY, openTab, prepareTabs, recordIn } from '../support/session-tab.ts'

beforeEach(prepareTabs)

test.each([
  ['those of another tab where they are newer', 10, 'theirs'],
  ['those of this page where they are newer', -10, 'ours'],
  ['those of this page where they are of the same second', 0, 'ours'],
])('what is known of the user goes with the ID token: %s', async (_, seconds, kept) => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  const [tokens, entry] = bring('alice', { userInfo: { team: 'ours' } })
  const signedIn = { generation: tab.session.currentGeneration(), sessionParams: undefined }
  await tab.session.signIn(tokens, entry, signedIn)
  const claims = { sub: 'alice', iat: tokens.claims.iat + seconds }
  const { idToken } = createTokenSet({ claims })
  storage.records.set(KEY, { ...recordIn(storage)!, idToken, userInfo: { team: 'theirs' } })
  await tab.session.renewed(tokens, entry, {
    generation: tab.session.currentGeneration(),
    refreshToken: undefined,
  })
  const isTheirs = kept === 'theirs'
  expect(recordIn(storage)).toMatchObject({
    idToken: isTheirs ? idToken : tokens.idToken,
    userInfo: { team: kept },
  })
})
