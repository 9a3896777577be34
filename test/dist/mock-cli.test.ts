import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import {
  authorizationUrl,
  createBrowser,
  postToken,
  readBody,
  redirected,
} from '../testing/support.ts'

interface Manifest {
  readonly bin: Readonly<Record<'sotto-mock', string>>
}

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const manifest = JSON.parse(readFileSync(file('package.json'), 'utf8')) as Manifest
const command = file(manifest.bin['sotto-mock'])

const running: ChildProcess[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

const start = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [command, ...args], { stdio: 'pipe' })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const printed = (text: string) =>
    expect.poll(() => output, { timeout: 20_000, interval: 20 }).toContain(text)
  return { child, ended, printed, output: () => output }
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createNetServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

test('serves a provider with the users, clients and lives of the command line until it is told to stop', async () => {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const redirectUri = 'http://localhost:5173/'
  const { child, ended, printed, output } = start(
    ...['--port', String(port), '--user', 'carol:secret', '--client', `my-spa=${redirectUri}`],
    ...['--access-token-seconds', '60', '--no-web-message'],
  )
  await printed('Ctrl-C')
  expect(output()).toMatch(new RegExp(`Issuer +${issuer}\n`))
  expect(output()).toMatch(/User +carol\n/)
  const discoveryUrl = /Discovery +(\S+)/.exec(output())?.[1] ?? ''
  const metadata = await readBody(await fetch(discoveryUrl))
  expect(metadata).toMatchObject({ issuer, response_modes_supported: ['query', 'fragment'] })

  const overNetwork = (input: Request | URL | string, init?: RequestInit) =>
    fetch(input, { ...init, redirect: 'manual' })
  const browser = createBrowser({ issuer, fetch: overNetwork })
  const own = { client_id: 'my-spa', redirect_uri: redirectUri }
  const answer = await browser.logIn(authorizationUrl(own, issuer), 'carol', 'secret')
  const code = redirected(answer).get('code') ?? ''
  const tokens = await readBody(await postToken({ issuer, fetch }, { ...own, code }))
  expect(tokens.expires_in).toBe(60)

  child.kill('SIGTERM')
  expect(await ended).toBe(0)
}, 30_000)

test('names the flag for a refused redirect URI in the browser and in the terminal, once', async () => {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const { printed, output } = start('--port', String(port), '--app', 'http://localhost:1234')
  await printed('Ctrl-C')
  expect(output()).toContain('Client     app  http://localhost:5173/callback, /\n')
  expect(output()).toContain('Client     app  http://localhost:1234/callback, /\n')
  const refused = authorizationUrl({ redirect_uri: 'http://localhost:5174/' }, issuer)
  const flag = '--app http://localhost:5174/'
  for (const _time of [1, 2]) expect(await (await fetch(refused)).text()).toContain(flag)
  await printed(flag)
  expect(output().split(flag)).toHaveLength(2)
}, 30_000)

test('serves an API that takes its access tokens and says what is wrong with others', async () => {
  const [port, apiPort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${port}`
  const { printed } = start('--port', String(port), '--api', String(apiPort))
  await printed(`Echo API   http://localhost:${apiPort}`)
  const overNetwork = (input: Request | URL | string, init?: RequestInit) =>
    fetch(input, { ...init, redirect: 'manual' })
  const answer = await createBrowser({ issuer, fetch: overNetwork }).logIn(
    authorizationUrl({}, issuer),
  )
  const code = redirected(answer).get('code') ?? ''
  const tokens = await readBody(await postToken({ issuer, fetch }, { code }))
  const ask = (token: string) =>
    fetch(`http://localhost:${apiPort}/hello`, { headers: { authorization: `Bearer ${token}` } })
  expect(await (await ask(tokens.access_token)).json()).toMatchObject({
    path: '/hello',
    token: { sub: 'alice' },
  })
  expect((await ask(tokens.id_token)).status).toBe(401)
}, 30_000)

test('explains a wrong command line and ends with code 2', async () => {
  const { ended, output } = start('--prot', '4000')
  expect(await ended).toBe(2)
  expect(output()).toBe(
    "sotto-mock: Unknown option '--prot'\nsotto-mock --help says what there is.\n",
  )
}, 30_000)

test('says that the port is taken, and ends with code 1', async () => {
  const taken = createNetServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as AddressInfo).port))
  })
  const free = await freePort()
  for (const flags of [
    ['--port', String(port)],
    ['--port', String(free), '--api', String(port)],
  ]) {
    const { ended, output } = start(...flags)
    expect(await ended).toBe(1)
    expect(output()).toContain('The port is taken')
  }
  await new Promise((resolve) => taken.close(resolve))
}, 30_000)

test('helps with an example', async () => {
  const { ended, output } = start('--help')
  expect(await ended).toBe(0)
  expect(output()).toContain('sotto-mock --app http://localhost:1234')
}, 30_000)
