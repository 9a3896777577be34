// @vitest-environment happy-dom
import { AuthError, autoRenew, type RenewalStrategy, type User } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createTokenSet } from '../support/flow-tokens.ts'

const MINUTE = 60_000

beforeEach(preparePage)

/** A page that keeps two tokens ready; for one of them the server wants the user's consent. */
async function openWithConsent() {
  const audience = 'https://billing.example.com'
  const asked: (string | undefined)[] = []
  const known: { hasConsent?: boolean; user?: User | undefined } = {}
  const strategy: RenewalStrategy = async (_context, request) => {
    asked.push(request.audience)
    if (request.audience && !known.hasConsent) throw new AuthError('consent_required')
    return { tokens: createTokenSet({ scope: request.scope, claims: { ...known.user } }) }
  }
  const page = createClient({ renewal: [strategy] })
  autoRenew(page.auth, { targets: [{}, { audience }] })
  // A second login says nothing else of the user, so that the session is as it was.
  const set = { sid: 'one', auth_time: 1 }
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set })
  await page.logIn()
  known.user = await page.auth.getUser()
  await passTime(60 * MINUTE)
  const countAsked = () => asked.filter(Boolean).length
  return { ...page, audience, countAsked, consent: () => (known.hasConsent = true) }
}

test('a token for something else is no reason to ask again where the user is needed', async () => {
  const { countAsked } = await openWithConsent()
  expect(countAsked()).toBe(1)
})

test.each<[string, (page: Awaited<ReturnType<typeof openWithConsent>>) => Promise<unknown>]>([
  ['the user has logged in again', ({ logIn }) => logIn()],
  ['the app has got it', ({ auth, audience }) => auth.getTokenSilently({ audience })],
])('goes on with a token for which the user was needed once %s', async (_, change) => {
  const page = await openWithConsent()
  page.consent()
  await change(page)
  await passTime(10 * MINUTE)
  expect(page.countAsked()).toBeGreaterThan(2)
})
