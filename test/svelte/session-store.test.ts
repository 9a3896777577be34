import { fromStore, get } from 'svelte/store'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createAuthClient, type AuthSnapshot } from 'sotto'
import { sessionStore } from 'sotto/svelte'
import { fakeAuth } from 'sotto/testing'

const alice = { sub: 'a', name: 'Alice' }

test('a subscriber is told of the session and of each change', () => {
  const auth = fakeAuth({ status: 'loading' })
  const seen: AuthSnapshot[] = []
  const end = sessionStore(auth).subscribe((session) => seen.push(session))
  auth.show({ status: 'anonymous' })
  auth.show({ status: 'authenticated', user: alice })
  end()
  auth.show({ status: 'anonymous' })
  expect(seen.map(({ status }) => status)).toEqual(['loading', 'anonymous', 'authenticated'])
})

test('a subscriber that comes later is told what is so now', () => {
  const auth = fakeAuth({ status: 'loading' })
  const session = sessionStore(auth)
  auth.show({ status: 'authenticated', user: alice })
  expect(get(session)).toBe(auth.getSnapshot())
})

test('all subscribers share one listener, and the last one frees it', () => {
  const auth = fakeAuth()
  let listeners = 0
  const counted: typeof auth = {
    ...auth,
    subscribe(listener) {
      listeners++
      const end = auth.subscribe(listener)
      return () => {
        listeners--
        end()
      }
    },
  }
  const session = sessionStore(counted)
  expect(listeners).toBe(0)
  const ends = [session.subscribe(() => {}), session.subscribe(() => {})]
  expect(listeners).toBe(1)
  for (const end of ends) end()
  expect(listeners).toBe(0)
})

test('runes can read it', () => {
  const auth = fakeAuth({ user: alice })
  expect(fromStore(sessionStore(auth)).current).toEqual({ status: 'authenticated', user: alice })
})

test('a client that a server has made is loading, and the user has the type of its claims', () => {
  const auth = createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'app',
    redirectUri: '/callback',
    claims: z.object({ roles: z.array(z.string()) }),
  })
  onTestFinished(() => auth.dispose())
  const session = get(sessionStore(auth))
  expect(session).toEqual({ status: 'loading' })
  if (session.status === 'authenticated') expectTypeOf(session.user.roles).toEqualTypeOf<string[]>()
})
