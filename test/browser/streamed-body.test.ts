import { expect, test } from 'vitest'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'

test('a character that comes in two pieces is one', async () => {
  const bytes = new TextEncoder().encode('{"name":"Zoë"}')
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
      controller.close()
    },
  })
  const fetch = createBoundedFetch(() => Promise.resolve(new Response(body)), 1000)
  expect(await (await fetch('https://login.example/userinfo')).json()).toEqual({ name: 'Zoë' })
})

// What MirageJS and old polyfills give.
test('a response that has its text and no stream is read', async () => {
  const response = new Response('{"name":"Zoë"}')
  Object.defineProperty(response, 'body', { value: undefined })
  const fetch = createBoundedFetch(() => Promise.resolve(response), 1000)
  expect(await (await fetch('https://login.example/userinfo')).json()).toEqual({ name: 'Zoë' })
})
