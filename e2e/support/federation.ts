import type { Page } from '@playwright/test'
import { type AuthorizationServerControl, createAuthorizationServer } from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { findFreePort } from '../../tools/static-server.ts'
import { expect, test as base } from './app-test.ts'
import { CLIENT_ID } from './serve.ts'

interface FederationFixtures {
  readonly providerIssuer: string
  /** A second authorization server on another site, at which users of the first can log in. */
  readonly provider: AuthorizationServerControl
}

/**
 * The test of the app, whose server has a button for an identity provider, and a user who needs a
 * second factor.
 */
export const test = base.extend<FederationFixtures>({
  // Playwright calls for a destructured parameter even where a fixture needs no other.
  // oxlint-disable-next-line no-empty-pattern
  providerIssuer: async ({}, use) => use(`http://127.0.0.1:${await findFreePort()}`),

  pair: async ({ pair, providerIssuer }, use) => {
    const port = await findFreePort()
    const issuer = `http://localhost:${port}`
    const server = createAuthorizationServer({
      issuer,
      clients: [{ clientId: CLIENT_ID, redirectUris: [`${pair.app.origin}/callback`] }],
      users: [{ sub: 'carol', username: 'carol', password: 'carol', secondFactor: true }],
      identityProviders: [
        { id: 'acme', name: 'Acme ID', issuer: providerIssuer, clientId: 'login' },
      ],
    })
    const listener = await serveAuthorizationServer(server, { port })
    await use({ ...pair, issuer, control: server.control })
    await listener.close()
  },

  provider: async ({ pair, providerIssuer }, use) => {
    const server = createAuthorizationServer({
      issuer: providerIssuer,
      name: 'Acme ID',
      accent: '#c2410c',
      clients: [{ clientId: 'login', redirectUris: [`${pair.issuer}/idp/callback`] }],
    })
    const listener = await serveAuthorizationServer(server, {
      port: Number(new URL(providerIssuer).port),
    })
    await use(server.control)
    await listener.close()
  },
})

export { expect }

/**
 * Changes something at the account page, in a tab of its own that is logged in at the server
 * already.
 */
export async function changeAtAccountPage(
  page: Page,
  issuer: string,
  { row, fields }: { readonly row: string; readonly fields: Readonly<Record<string, string>> },
): Promise<void> {
  const account = await page.context().newPage()
  await account.goto(`${issuer}/account`)
  await account.locator('summary', { hasText: row }).click()
  for (const [label, value] of Object.entries(fields)) {
    await account.getByLabel(label, { exact: true }).fill(value)
  }
  await account.getByRole('button', { name: `Change ${row.toLowerCase()}` }).click()
  await expect(account.getByRole('status')).toContainText('you are logged out everywhere')
  await account.close()
}
