// @vitest-environment happy-dom
// Tokens for hundreds of tenants: what is stored is rewritten at every renewal, so its size is
// bounded.
import { beforeEach, expect, test } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'

beforeEach(preparePage)

const COUNT = 100
const TOKEN_LENGTH = 1000
/** Less than what all of those tokens are. */
const MAX_LENGTH = 90_000

async function fill(
  storage: ReturnType<typeof createSharedStorage>,
  targetOf: (index: number) => object,
) {
  const page = createClient({ tokenStorage: storage })
  await page.logIn()
  for (let index = 0; index < COUNT; index++) {
    page.renewal.answers.push({ accessToken: `${index}-`.padEnd(TOKEN_LENGTH, 'x') })
    await page.auth.getTokenSilently(targetOf(index))
  }
  return page
}

const lengthOf = ({ records }: ReturnType<typeof createSharedStorage>): number =>
  JSON.stringify([...records.values()]).length

test.each([
  ['authorizationParams', (index: number) => ({ authorizationParams: { tenant: `t${index}` } })],
  ['audiences', (index: number) => ({ audience: `https://api${index}.example/` })],
  ['resources', (index: number) => ({ resource: `https://api${index}.example/` })],
])('tokens for hundreds of %s do not make the record grow without bounds', async (_, targetOf) => {
  const storage = createSharedStorage()
  await fill(storage, targetOf)
  expect(lengthOf(storage)).toBeLessThan(MAX_LENGTH)
})

test('the token that was had last is given without another request', async () => {
  const storage = createSharedStorage()
  const targetOf = (index: number) => ({ audience: `https://api${index}.example/` })
  const { auth, renewal } = await fill(storage, targetOf)
  const asked = renewal.requests.length
  expect(await auth.getTokenSilently(targetOf(COUNT - 1))).toMatch(new RegExp(`^${COUNT - 1}-`))
  expect(renewal.requests).toHaveLength(asked)
})

test('a token that had to give way is had again', async () => {
  const storage = createSharedStorage()
  const targetOf = (index: number) => ({ audience: `https://api${index}.example/` })
  const { auth } = await fill(storage, targetOf)
  expect(await auth.getTokenSilently(targetOf(0))).toBeTruthy()
})
