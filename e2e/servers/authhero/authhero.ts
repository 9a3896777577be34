import { startScriptServer } from '../script-server.ts'
import { type Server, USER } from '../server.ts'

export const authHero: Server = {
  name: 'authhero',
  title: 'AuthHero',
  from: 'npm',
  packages: ['authhero', 'hono', '@hono/zod-openapi', 'zod'],
  start: startScriptServer({
    script: new URL('serve.mjs', import.meta.url),
    issuerAt: (port) => `http://localhost:${port}/`,
  }),
  loginForm: 'input[name=username]',
  logIn: async (page) => {
    await page.locator('input[name=username]').fill(USER.email)
    await page.locator('button[type=submit]').click()
    await page.locator('input[name=password]').fill(USER.password)
    await page.locator('button[type=submit]').first().click()
  },
  expected: {
    claims: 'ID token: name, email; UserInfo: network_error',
    refresh: 'stays the same',
    wrongRedirectUri: 'login_required',
  },
  note: 'Its UserInfo endpoint refuses the preflight of a page. A redirect URI on `localhost` need not be registered. Its revocation endpoint wants a secret: `token_error`, `invalid_client`.',
}
