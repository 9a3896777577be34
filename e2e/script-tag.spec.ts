// Drives examples/script-tag from a plain file server, with the file that npm will ship.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuthorizationServerControl, createAuthorizationServer } from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { findFreePort } from '../tools/static-server.ts'
import { root, serveFiles } from './support/file-server.ts'
import { expect, test as base } from './support/fixtures.ts'

/** What the page says; on another port, that one is put in its place. */
const WRITTEN_ISSUER = 'http://localhost:4000'
const PATH = '/examples/script-tag/'

interface Example {
  /** The address of the page. */
  readonly url: string
  readonly control: AuthorizationServerControl
  /** Changes the page that is served from now on. */
  edit: (html: string) => string
}

const test = base.extend<{ readonly example: Example }>({
  // oxlint-disable-next-line no-empty-pattern
  example: async ({}, use) => {
    const port = await findFreePort()
    const issuer = `http://localhost:${port}`
    const files = await serveFiles((html) => example.edit(html.replaceAll(WRITTEN_ISSUER, issuer)))
    const url = files.origin + PATH
    const server = createAuthorizationServer({
      issuer,
      clients: [{ clientId: 'script-tag', redirectUris: [url], postLogoutRedirectUris: [url] }],
    })
    const example: Example = { url, control: server.control, edit: (html) => html }
    const listener = await serveAuthorizationServer(server, { port })
    await use(example)
    await Promise.all([files.close(), listener.close()])
  },
})

test('the script-tag page signs in, renews, signs out at the server and says so', async ({
  page,
  example,
  signIn,
}) => {
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => {
    // Firefox reports the icon that the mock's policy keeps it from looking for.
    if (!message.includes('/favicon.ico')) complaints.push(message)
  })
  await page.goto(example.url)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(page.getByText('Alice Liddell', { exact: true })).toBeVisible()
  expect(page.url()).toBe(example.url)
  await page.getByRole('button', { name: 'Get a new token' }).click()
  await expect(page.getByRole('status')).toHaveText(
    /^A new token, without asking you\. It lives for \d+ seconds\.$/,
  )
  await page.reload()
  await expect(page.getByRole('status')).toHaveText('You are signed in.')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect.poll(() => example.control.sessions()).toEqual([])
  await expect(page).toHaveURL(example.url)
  await expect(page.getByRole('status')).toHaveText('You are signed out.')
  expect(complaints).toEqual([])
})

test('the script-tag page asks to sign in again when the session at the server has ended', async ({
  page,
  example,
  signIn,
}) => {
  await page.goto(example.url)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(page.getByRole('status')).toHaveText('You are signed in.')
  example.control.endSessions()
  await page.getByRole('button', { name: 'Get a new token' }).click()
  await expect(page.getByRole('alert')).toHaveText('Your session has ended. Please sign in again.')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(page.getByRole('status')).toHaveText('You are signed in.')
})

test('the script-tag file runs with its integrity, and another file does not', async ({
  page,
  example,
}) => {
  const hashes = readFileSync(join(root, 'dist', 'sri.json'), 'utf8')
  const { 'sotto.min.js': hash = '' } = JSON.parse(hashes) as Readonly<Record<string, string>>
  const addIntegrity = (value: string) => (html: string) =>
    html.replace('crossorigin="anonymous"', `$& integrity="${value}"`)
  const readGlobal = () => page.evaluate(() => Object.keys(globalThis.sotto ?? {}).sort())
  example.edit = addIntegrity(hash)
  await page.goto(example.url)
  await expect(page.locator('script[src][integrity]')).toHaveCount(1)
  // What is for development alone is left out of it.
  const core = Object.keys(await import('sotto')).filter((name) => name !== 'diagnose')
  const names = [...core, 'dpop', 'workerVault']
  expect(await readGlobal()).toEqual(names.sort())
  example.edit = addIntegrity(hash.replace(/-./, (first) => (first === '-A' ? '-B' : '-A')))
  await page.reload()
  await expect(page.locator('script[src][integrity]')).toHaveCount(1)
  expect(await readGlobal()).toEqual([])
})

test('the script-tag file has a source map of our own files', () => {
  const text = readFileSync(join(root, 'dist', 'sotto.min.js'), 'utf8')
  expect(text).toMatch(/\/\/# sourceMappingURL=sotto\.min\.js\.map\n?$/)
  const map = JSON.parse(readFileSync(join(root, 'dist', 'sotto.min.js.map'), 'utf8')) as {
    readonly sources: readonly string[]
  }
  expect(map.sources).toContain('../src/client/client.ts')
})
