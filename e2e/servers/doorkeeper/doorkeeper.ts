import { startScriptServer } from '../script-server.ts'
import { type Server, USER } from '../server.ts'

export const doorkeeper: Server = {
  name: 'doorkeeper',
  title: 'Doorkeeper with openid_connect',
  from: 'debian',
  packages: ['ruby-doorkeeper-openid-connect', 'ruby-rails', 'ruby-sqlite3', 'puma'],
  start: startScriptServer({
    script: new URL('serve.rb', import.meta.url),
    command: '/usr/bin/ruby',
    env: { RAILS_ENV: 'production' },
  }),
  loginForm: 'input[name=password]',
  logIn: async (page) => {
    await page.locator('input[name=login]').fill(USER.login)
    await page.locator('input[name=password]').fill(USER.password)
    await page.getByRole('button').click()
  },
  refreshScope: 'openid profile email',
  expected: { logout: 'only here, signed in again' },
  note: 'What GitLab’s provider is built on. No logout at the server: `server_session_remains`. The authenticator of the app must end with `nil`: with what the template shows, `prompt=none` is answered by the login page. It sends no CORS headers by itself.',
}
