import { expect, test, vi } from 'vitest'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { withPollution } from '../support/polluted-prototype.ts'

const url = 'https://login.example/token'

/** What `send` was called with, for a request with `init`. */
const initOf = async (init?: RequestInit): Promise<RequestInit> => {
  const send = vi.fn(async () => new Response('x')) as never as typeof fetch
  await createBoundedFetch(send, 1000)(url, init)
  return vi.mocked(send).mock.calls[0]![1]!
}

test('sends neither cookies nor a referrer, and follows no redirect but of what is public, whatever was asked', async () => {
  const bounds = { credentials: 'omit', referrerPolicy: 'no-referrer' }
  const others = { credentials: 'include', referrerPolicy: 'unsafe-url' } as const
  for (const init of [{}, { ...others, redirect: 'manual' } as const])
    expect(await initOf(init)).toMatchObject({ ...bounds, redirect: 'follow' })
  for (const method of ['GET', 'POST']) {
    const init = await initOf({ ...others, method, redirect: 'follow' })
    expect(init).toMatchObject({ ...bounds, redirect: 'manual' })
  }
})

/** Every option of a request, and one that nobody knows yet. */
const everything = {
  method: 'DELETE',
  body: 'evil',
  headers: { evil: 'evil' },
  mode: 'no-cors',
  window: 5,
  cache: 'force-cache',
  credentials: 'include',
  redirect: 'follow',
  referrer: 'about:client',
  referrerPolicy: 'unsafe-url',
  integrity: 'sha256-evil',
  keepalive: true,
  signal: 'evil',
  duplex: 'half',
  priority: 'high',
  somethingNew: 'evil',
}

test('hands the browser no option that only a prototype has', async () => {
  const init = await withPollution(everything, () => initOf())
  const { signal, ...set } = Object.fromEntries(
    Object.entries(init).filter(([, value]) => value !== undefined),
  )
  expect(signal).toBeInstanceOf(AbortSignal)
  expect(set).toEqual({
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: 'follow',
  })
  // An own member stands before the one of the prototype. (What browsers make of it:
  // e2e/polluted-prototype.spec.ts.)
  for (const name of Object.keys(everything)) expect(Object.hasOwn(init, name), name).toBe(true)
})

test('hands over options that a prototype does not speak for later either', async () => {
  const { somethingNew: _, ...known } = everything
  const init = await initOf()
  for (const name of Object.keys(known)) expect(Object.hasOwn(init, name), name).toBe(true)
})

test('hands over options that a wrapper may ask for what every object has', async () => {
  const init = (await initOf({ method: 'POST', body: 'a=b' })) as object
  expect(init.hasOwnProperty('body')).toBe(true)
  expect(init instanceof Object).toBe(true)
})

test('rebuilds an answer without what a prototype says of it', async () => {
  const data = { statusText: 'evil', headers: { evil: 'evil' }, status: 500 }
  const bounded = createBoundedFetch(async () => new Response('x', { status: 200 }), 1000)
  const response = await withPollution({ statusText: 'evil' }, () => bounded(url))
  expect(response.statusText).toBe('')
  const other = createBoundedFetch(
    async () => new Response('x', { status: 200, statusText: '' }),
    1000,
  )
  expect((await withPollution(data, () => other(url))).headers.get('evil')).toBeNull()
})

test('lets a request outlive its page if asked', async () => {
  const init = { method: 'POST', body: 'a=b', keepalive: true }
  expect(await initOf(init)).toMatchObject(init)
})

test('keeps posted credentials out of the HTTP cache, but lets GETs use it', async () => {
  expect(await initOf({ method: 'POST' })).toMatchObject({ cache: 'no-store' })
  expect((await initOf()).cache).toBeUndefined()
  expect(await initOf({ cache: 'no-cache' })).toMatchObject({ cache: 'no-cache' })
})

test('passes method, headers and body on', async () => {
  const init = { method: 'POST', headers: { accept: 'application/json' }, body: 'a=b' }
  expect(await initOf(init)).toMatchObject(init)
})
