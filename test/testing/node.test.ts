import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { authorizationUrl, createCode, postToken, readBody } from './support.ts'

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createNetServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

const serve = async () => {
  const port = await freePort()
  const server = createAuthorizationServer({
    issuer: `http://localhost:${port}`,
    signingAlg: 'ES256',
  })
  const served = await serveAuthorizationServer(server, { port })
  closing.push(served.close)
  return { server, served }
}

test('serves discovery at the address of the issuer', async () => {
  const { server, served } = await serve()
  expect(served.url).toBe(server.issuer)
  const response = await fetch(`${served.url}/.well-known/openid-configuration`)
  expect((await readBody(response)).issuer).toBe(server.issuer)
})

test('takes a token request over the network', async () => {
  const { server } = await serve()
  const response = await postToken({ ...server, fetch }, { code: createCode(server) })
  expect(response.status).toBe(200)
  const [seen] = server.control.requests({ endpoint: 'token' })
  expect(seen?.headers['content-type']).toMatch('application/x-www-form-urlencoded')
})

test('sets cookies and redirects over the network', async () => {
  const { served } = await serve()
  const page = await fetch(authorizationUrl({}, served.url))
  expect(page.headers.getSetCookie()).toHaveLength(1)
  const silent = authorizationUrl({ prompt: 'none' }, served.url)
  const response = await fetch(silent, { redirect: 'manual' })
  expect(response.status).toBe(303)
})

test.each(['//', '//elsewhere.example/jwks'])('%s is a path, and no host', async (path) => {
  const { served } = await serve()
  expect((await fetch(served.url + path)).status).toBe(404)
})

test('drops the connection', async () => {
  const { server, served } = await serve()
  server.control.addFault({ endpoint: 'jwks', name: 'drop', times: 1 })
  await expect(fetch(`${served.url}/jwks`)).rejects.toThrow(TypeError)
  expect((await fetch(`${served.url}/jwks`)).status).toBe(200)
})

test('breaks off in the middle of the body', async () => {
  const { server, served } = await serve()
  server.control.addFault({ endpoint: 'jwks', name: 'truncated' })
  const response = await fetch(`${served.url}/jwks`)
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow(TypeError)
})

test('hangs until the client gives up, and closes all the same', async () => {
  const { server, served } = await serve()
  server.control.addFault({ endpoint: 'jwks', name: 'hang' })
  const seen = () => server.control.requests({ endpoint: 'jwks' }).length
  const leaving = new AbortController()
  const left = fetch(`${served.url}/jwks`, { signal: leaving.signal })
  await expect.poll(seen, { timeout: 5000 }).toBe(1)
  leaving.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')
  const hanging = fetch(`${served.url}/jwks`)
  await expect.poll(seen, { timeout: 5000 }).toBe(2)
  await served.close()
  await expect(hanging).rejects.toThrow(TypeError)
})

test('sends slow and huge bodies', async () => {
  const { server, served } = await serve()
  server.control.addFault({ endpoint: 'jwks', name: 'slowBody', ms: 60, times: 1 })
  server.control.addFault({ endpoint: 'jwks', name: 'huge', bytes: 2_000_000, times: 1 })
  const start = performance.now()
  await readBody(await fetch(`${served.url}/jwks`))
  expect(performance.now() - start).toBeGreaterThanOrEqual(45)
  expect(await (await fetch(`${served.url}/jwks`)).text()).toHaveLength(2_000_000)
})

test('survives a client that leaves in the middle of a huge body', async () => {
  const { server, served } = await serve()
  server.control.addFault({ endpoint: 'jwks', name: 'huge', bytes: 50_000_000, times: 1 })
  const aborting = new AbortController()
  await fetch(`${served.url}/jwks`, { signal: aborting.signal })
  aborting.abort()
  expect((await fetch(`${served.url}/jwks`)).status).toBe(200)
})

test('rejects when the port is taken', async () => {
  const { server, served } = await serve()
  const port = Number(new URL(served.url).port)
  await expect(serveAuthorizationServer(server, { port })).rejects.toThrow('EADDRINUSE')
})

test('refuses a body that is too long before the rest of it has come', async () => {
  const { served } = await serve()
  const url = `${served.url}/token`
  const body = 'x'.repeat(1_000_000)
  expect((await fetch(url, { method: 'POST', body })).status).toBe(413)
  expect((await fetch(url, { method: 'POST', body: 'x'.repeat(65_536) })).status).toBe(400)
})
