import { expect, test } from 'vitest'
import { authorizationUrl, createServer, redirectUri } from './support.ts'

const refused = async (changes: Readonly<Record<string, string | undefined>>) => {
  const lines: string[] = []
  const server = createServer({ log: (text) => lines.push(text) })
  const response = await server.fetch(authorizationUrl(changes))
  expect(response.status).toBe(400)
  const [html, [line = '']] = [await response.text(), lines]
  expect(lines).toHaveLength(1)
  return { html, line }
}

test.each(['http://localhost:5174/callback', 'https://app.example/cb.html'])(
  'says that %s is not registered, and with which flag it is',
  async (uri) => {
    const { html, line } = await refused({ redirect_uri: uri })
    expect(html).toContain(`The redirect_uri ${uri} is not registered for the client app`)
    expect(html).toContain(`<code>--app ${uri}</code>`)
    expect(line).toBe(`The redirect_uri ${uri} is not registered for the client app: --app ${uri}`)
  },
)

test('names the flag for a client that it does not know', async () => {
  const { html, line } = await refused({ client_id: 'my-spa' })
  const flag = `--client my-spa=${redirectUri}`
  expect(html).toContain(`<code>${flag}</code>`)
  expect(line).toBe(`The client_id "my-spa" is not registered; there are: app: ${flag}`)
})

test('names the flag for another client', async () => {
  const lines: string[] = []
  const clients = [{ clientId: 'my-spa', redirectUris: [redirectUri] }]
  const server = createServer({ clients, log: (text) => lines.push(text) })
  const uri = 'http://localhost:5174/'
  await server.fetch(authorizationUrl({ client_id: 'my-spa', redirect_uri: uri }))
  expect(lines.join()).toContain(`: --client my-spa=${uri}`)
})

test.each([
  ['http://a.test/?x=1&y=2', "--app 'http://a.test/?x=1&y=2'"],
  ['http://a.test/(1)', "--app 'http://a.test/(1)'"],
])('quotes %s for the shell', async (uri, flag) => {
  expect((await refused({ redirect_uri: uri })).line).toContain(`: ${flag}`)
})

test.each([
  "http://a.test/';id;'",
  'http://a.test/"$(id)"',
  'http://a.test/`id`',
  'http://a.test/\n\u001b[2Jx',
  'javascript:alert(1)',
  'http://a.test/#/callback',
  'callback',
  '',
])('offers no flag for %j, and shows nothing that steers a terminal', async (uri) => {
  const { html, line } = await refused({ redirect_uri: uri })
  expect(html).not.toContain('<code>')
  expect(line).not.toContain('--')
  expect(line).toMatch(/^[\x20-\x7e]*$/)
})

test('escapes what it shows', async () => {
  const { html } = await refused({ redirect_uri: 'http://a.test/<script>' })
  expect(html).not.toContain('<script>')
})

test.each([3000, 4173, 4200, 5173, 8080])(
  'knows an app at the port %i, out of the box',
  async (port) => {
    const server = createServer()
    for (const path of ['/callback', '/']) {
      const url = authorizationUrl({ redirect_uri: `http://localhost:${port}${path}` })
      expect((await server.fetch(url)).status).toBe(200)
    }
  },
)
