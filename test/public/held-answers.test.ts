// A silent answer that is on its way while a person logs in in another tab: it may be of the user
// before that login. @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** Messages of one process take no longer. */
async function deliver(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  await passTime(1)
}

const alice = { claims: { sub: 'alice' } }
const bob = { claims: { sub: 'bob' } }
const off = { cacheMode: 'off' } as const
const ofBob = { status: 'authenticated', user: { sub: 'bob' } }

// covers threat:forged-tab-message spec:tab-messages
test.each([
  ['the user before', alice],
  ['nobody', loginRequired()],
])('a first start whose answer is still of %s shows who has logged in since', async (_, answer) => {
  const { auth, renewal, server } = createClient({}, { renewal: createRenewal(answer, bob) })
  const release = renewal.hold()
  const started = auth.start()
  await deliver()
  const other = createClient({}, { server })
  await other.logIn('bob')
  await deliver()
  expect(auth.getSnapshot().status).toBe('loading')
  release()
  expect(await started).toMatchObject(ofBob)
  expect(renewal.requests).toHaveLength(2)
  expect(await auth.getTokenSilently()).toBeTypeOf('string')
})

test('a look after a login does not take the answer to a forced call from before it', async () => {
  const renewal = createRenewal(loginRequired(), loginRequired(), bob)
  const { auth, server } = createClient({}, { renewal })
  await auth.start()
  const release = renewal.hold()
  const call = auth.getTokenSilently(off)
  await deliver()
  await createClient({}, { server }).logIn('bob')
  await deliver()
  release()
  expect(await call).toBeTypeOf('string')
  expect(auth.getSnapshot()).toMatchObject(ofBob)
})

test('a tab of the user before is told of the next one, though a forced call was under way', async () => {
  const renewal = createRenewal(alice, alice, bob)
  const { auth, server } = createClient({}, { renewal })
  await auth.start()
  const release = renewal.hold()
  const call = expect(auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'user_changed' })
  await deliver()
  await createClient({}, { server }).logIn('bob')
  await deliver()
  release()
  await call
  await vi.waitFor(() =>
    expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' }),
  )
})
