// The control endpoint of the mock server, tried as somebody would whose page a developer has open
// beside it.
import { request } from 'node:http'
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'
import type { Pair } from './support/serve.ts'

const signIn = JSON.stringify({ op: 'signIn', user: 'alice' })
const plant = { op: 'addFault', endpoint: 'authorize', name: 'html' }

const unchanged = ({ control }: Pair) =>
  expect(control.snapshot(), 'what the server has').toMatchObject({ sessions: [], faults: [] })

/** Sends a request as a page can, and says whether the page could read the answer. */
const sent = (page: Page, url: string, init: RequestInit) =>
  page.evaluate(
    async ([address, options]) => {
      const answer = await fetch(address, options).catch(() => undefined)
      return answer ? { type: answer.type, status: answer.status } : 'unreadable'
    },
    [url, init] as const,
  )

for (const from of ['hostile', 'app'] as const) {
  test(`a fetch of a page on the origin "${from}" neither reads nor changes anything`, async ({
    page,
    pair,
  }) => {
    await page.goto(pair[from].origin)
    const url = `${pair.issuer}/control`
    const json = { 'content-type': 'application/json' }
    const plain = { 'content-type': 'text/plain' }
    const requests: readonly RequestInit[] = [
      {},
      { method: 'POST', body: signIn },
      { method: 'POST', body: signIn, headers: plain, credentials: 'include' },
      { method: 'POST', body: signIn, headers: json },
      { method: 'PUT', body: signIn, headers: json },
    ]
    for (const init of requests) expect(await sent(page, url, init)).toBe('unreadable')
    const opaque = { type: 'opaque', status: 0 }
    const blind = { method: 'POST', body: JSON.stringify(plant), mode: 'no-cors' } as const
    expect(await sent(page, url, blind)).toEqual(opaque)
    expect(await sent(page, `${url}/login?user=bob`, { mode: 'no-cors' })).toEqual(opaque)
    unchanged(pair)
  })
}

test('a page of another origin cannot lead the browser to a login', async ({ page, pair }) => {
  await page.goto(pair.hostile.origin)
  const back = encodeURIComponent(`${pair.hostile.origin}/stolen`)
  for (const query of ['user=bob', `user=bob&return=${back}`]) {
    const link = `${pair.issuer}/control/login?${query}`
    await page.goto(pair.hostile.origin)
    const answered = page.waitForResponse(link)
    await page.evaluate((url) => location.assign(url), link)
    expect((await answered).status()).toBe(403)
    await page.waitForURL(link)
  }
  unchanged(pair)
})

test('a form of another origin changes nothing', async ({ page, pair }) => {
  await page.goto(pair.hostile.origin)
  const answered = page.waitForResponse(`${pair.issuer}/control`)
  await page.evaluate(
    ([url, text]) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.enctype = 'text/plain'
      form.action = url
      const field = document.createElement('input')
      field.name = text
      form.append(field)
      document.body.append(form)
      form.submit()
    },
    [`${pair.issuer}/control`, `${signIn.slice(0, -1)},"ignored":"`] as const,
  )
  expect((await answered).status()).toBe(403)
  unchanged(pair)
})

test('a frame of another origin logs nobody in', async ({ page, pair }) => {
  await page.goto(pair.hostile.origin)
  const link = `${pair.issuer}/control/login?user=bob`
  const answered = page.waitForResponse(link)
  await page.evaluate((url) => {
    const frame = document.createElement('iframe')
    frame.src = url
    document.body.append(frame)
  }, link)
  expect((await answered).status()).toBe(403)
  unchanged(pair)
})

test('a name that was made to lead to the server reads and changes nothing', async ({
  page,
  pair,
}) => {
  const { port } = new URL(pair.issuer)
  // Every name below localhost leads here, as a name of a hostile domain may (DNS rebinding).
  const own = `http://hostile.localhost:${port}`
  expect((await page.goto(`${own}/control`))?.status()).toBe(403)
  const headers = { 'content-type': 'application/json' }
  const answer = await sent(page, `${own}/control`, { method: 'POST', body: signIn, headers })
  expect(answer).toEqual({ type: 'basic', status: 403 })
  unchanged(pair)
})

const statusOf = (url: string, headers: Readonly<Record<string, string>>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.once('error', reject)
    asked.end()
  })

test('only the host of the server is answered', async ({ pair }) => {
  const { host, port } = new URL(pair.issuer)
  const url = `${pair.issuer}/control`
  for (const own of [host, `127.0.0.1:${port}`])
    expect(await statusOf(url, { host: own })).toBe(200)
  for (const foreign of ['hostile.example', `hostile.example:${port}`, `localhost.hostile.example`])
    expect(await statusOf(url, { host: foreign })).toBe(403)
})

test('the developer opens the login link, and a page of the server itself uses the endpoint', async ({
  page,
  pair,
}) => {
  const response = await page.goto(`${pair.issuer}/control/login?user=bob`)
  expect(response?.status()).toBe(200)
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', body: signIn, headers }
  expect(await sent(page, `${pair.issuer}/control`, init)).toEqual({ type: 'basic', status: 200 })
  expect(pair.control.sessions()).toMatchObject([{ sub: 'bob' }, { sub: 'alice' }])
})
