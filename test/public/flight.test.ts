// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { AuthError } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

test('joins ten identical calls into one renewal', async () => {
  const { auth, renewal } = createClient()
  const tokens = await Promise.all(Array.from({ length: 10 }, () => auth.getTokenSilently()))
  expect(new Set(tokens).size).toBe(1)
  expect(renewal.requests).toHaveLength(1)
})

test('gives ten identical calls one error', async () => {
  const { auth, renewal } = createClient()
  renewal.answers.push(new AuthError('network_error'))
  const calls = Array.from({ length: 10 }, () => auth.getTokenSilently())
  const outcomes = await Promise.allSettled(calls)
  const reasons = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown)
  expect(new Set(reasons).size).toBe(1)
  expect(renewal.requests).toHaveLength(1)
})

test('joins a call whose scopes are in another order', async () => {
  const { auth, renewal } = createClient()
  await Promise.all([
    auth.getTokenSilently({ scope: 'a b' }),
    auth.getTokenSilently({ scope: 'b  a a' }),
  ])
  expect(renewal.requests).toHaveLength(1)
})

test('does not join calls for different audiences', async () => {
  const { auth, renewal } = createClient()
  const tokens = await Promise.all([
    auth.getTokenSilently({ audience: 'https://a.example.com' }),
    auth.getTokenSilently({ audience: 'https://b.example.com' }),
  ])
  expect(new Set(tokens).size).toBe(2)
  expect(renewal.requests).toHaveLength(2)
})

test('does not join a call with cacheMode off to one without', async () => {
  const { auth, renewal } = createClient()
  await Promise.all([auth.getTokenSilently(), auth.getTokenSilently({ cacheMode: 'off' })])
  expect(renewal.requests).toHaveLength(2)
})

test('rejects the call whose signal aborts with its own reason, and lets the others go on', async () => {
  const { auth, renewal } = createClient()
  const release = renewal.hold()
  const caller = new AbortController()
  const others = [auth.getTokenSilently(), auth.getTokenSilently()]
  const aborted = auth.getTokenSilently({ signal: caller.signal })
  await passTime(1)
  const reason = new Error('the route changed')
  caller.abort(reason)
  await expect(aborted).rejects.toBe(reason)
  release()
  const tokens = await Promise.all(others)
  expect(tokens[0]).toBe(tokens[1])
  expect(renewal.requests).toHaveLength(1)
})

test('rejects a call whose own time is up, and lets the others go on', async () => {
  const { auth, renewal } = createClient()
  const release = renewal.hold()
  const other = auth.getTokenSilently()
  const late = auth.getTokenSilently({ timeoutMs: 50 })
  const lateOutcome = expect(late).rejects.toMatchObject({ code: 'timeout', retryable: true })
  await passTime(51)
  await lateOutcome
  release()
  await expect(other).resolves.toBeTypeOf('string')
})

test('begins a new renewal after the last caller of the old one has left', async () => {
  const { auth, renewal } = createClient()
  const release = renewal.hold()
  const caller = new AbortController()
  const aborted = auth.getTokenSilently({ signal: caller.signal })
  await passTime(1)
  caller.abort()
  await expect(aborted).rejects.toThrow()
  release()
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
  expect(renewal.requests).toHaveLength(2)
})

test('gives no token out, cached or not, for a signal that was aborted before', async () => {
  const { auth } = createClient()
  const signal = AbortSignal.abort(new Error('too late'))
  await auth.getTokenSilently()
  await expect(auth.getTokenSilently({ signal })).rejects.toBe(signal.reason)
})

test('sends nothing for a signal that was aborted before', async () => {
  const { auth, renewal } = createClient()
  const reason = new Error('too late')
  const call = auth.getTokenSilently({ signal: AbortSignal.abort(reason) })
  await expect(call).rejects.toBe(reason)
  expect(renewal.requests).toEqual([])
})
