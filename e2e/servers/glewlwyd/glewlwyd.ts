import { startScriptServer } from '../script-server.ts'
import { type Server, USER } from '../server.ts'

export const glewlwyd: Server = {
  name: 'glewlwyd',
  title: 'Glewlwyd',
  from: 'debian',
  packages: ['glewlwyd', 'sqlite3'],
  start: startScriptServer({
    script: new URL('serve.mjs', import.meta.url),
    issuerAt: (port) => `http://localhost:${port}/api/oidc`,
  }),
  loginForm: '#password',
  logIn: async (page) => {
    await page.locator('#username').fill(USER.login)
    await page.locator('#password').fill(USER.password)
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Continue' }).click()
  },
  confirmLogout: async (page) => {
    // Its script fails where the button is pressed before all is loaded.
    await page.waitForLoadState('networkidle')
    await page.getByRole('button', { name: 'Logout' }).first().click()
    await page.getByText('Session closed').waitFor()
  },
  refreshScope: 'openid profile email',
  expected: {
    silent: 'authorization_error (invalid_request) after a reload',
    sessionOver: 'interaction_required',
    logout: 'stays at the server, asks again',
  },
  note: 'It refuses `prompt=none` without an ID token as a hint: Sotto sends one once it was asked to, which works while the page has one. A page that was reloaded has none, and `start` ends as `error`: keep the session with `webStorage` or `indexedDbStorage`, or renew with `refreshToken()`. After a logout its own page stays: Debian’s settings take one address for that, and the server reads a list. Its revocation endpoint answers a bare 401.',
}
