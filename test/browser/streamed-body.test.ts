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
