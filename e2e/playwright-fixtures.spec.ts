// What the tests of an app look like that take `sotto/testing/playwright`: the page of
// examples/script-tag, and an authorization server beside it.
import { expect, type Page, test as base } from '@playwright/test'
import { authFixtures } from 'sotto/testing/playwright'
import { serveFiles } from './support/file-server.ts'

const PORT = 47_310
const WORKERS = [0, 1, 2, 3, 4, 5, 6, 7]
const pageOf = (worker: number) => `http://localhost:${PORT + 10 + worker}/examples/script-tag/`
const fixtures = authFixtures({
  port: (worker) => PORT + worker,
  clients: [{ clientId: 'script-tag', redirectUris: WORKERS.map(pageOf) }],
})

const test = base.extend(fixtures).extend<{ readonly openApp: () => Promise<void> }>({
  openApp: async ({ page, authServer }, use, { parallelIndex }) => {
    const { issuer } = authServer
    const files = await serveFiles(
      (html) => html.replaceAll('http://localhost:4000', issuer),
      PORT + 10 + parallelIndex,
    )
    await use(async () => void (await page.goto(pageOf(parallelIndex))))
    await files.close()
  },
})

const nameIn = (page: Page) => page.locator('#name')

test('a user who is signed in at the server is signed in where the app starts', async ({
  page,
  signIn,
  authServer,
  openApp,
}) => {
  await signIn()
  await openApp()
  await expect(nameIn(page)).toHaveText('Alice Liddell')
  expect(authServer.control.requests({ endpoint: 'authorize' })).toHaveLength(1)
  authServer.control.endSessions({ user: 'alice' })
  await page.getByRole('button', { name: 'Get a new token' }).click()
  await expect(page.getByText('Your session has ended. Please sign in again.')).toBeVisible()
})

test('another user, and a fault that the next test does not find', async ({
  page,
  signIn,
  authServer,
  openApp,
}) => {
  await signIn('bob')
  await openApp()
  await expect(nameIn(page)).toHaveText('Bob')
  authServer.control.addFault({ endpoint: 'token', name: 'status', status: 503 })
  await page.getByRole('button', { name: 'Get a new token' }).click()
  await expect(page.getByText('That did not work (server_error).')).toBeVisible()
})

test('nobody is signed in where no test said so', async ({ page, authServer, openApp }) => {
  expect(authServer.control.sessions()).toEqual([])
  expect(authServer.control.snapshot().faults).toEqual([])
  await openApp()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

test('a user that the server does not have is refused', async ({ signIn }) => {
  await expect(signIn('nobody')).rejects.toThrow('nobody')
})
