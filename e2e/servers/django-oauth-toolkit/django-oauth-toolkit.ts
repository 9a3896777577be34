import { startScriptServer } from '../script-server.ts'
import { type Server, USER } from '../server.ts'

export const djangoOAuthToolkit: Server = {
  name: 'django-oauth-toolkit',
  title: 'django-oauth-toolkit',
  from: 'debian',
  packages: ['python3-django-oauth-toolkit', 'python3-django-cors-headers'],
  start: startScriptServer({
    script: new URL('serve.py', import.meta.url),
    command: '/usr/bin/python3',
    issuerAt: (port) => `http://localhost:${port}/o`,
  }),
  loginForm: 'input[name=username]',
  logIn: async (page) => {
    await page.locator('input[name=username]').fill(USER.login)
    await page.locator('input[name=password]').fill(USER.password)
    await page.getByRole('button').click()
  },
  settings: { refreshOnly: true },
  refreshScope: 'openid profile email',
  expected: {
    silent: 'silent_blocked (no_answer)',
    sessionOver: 'silent_blocked (no_answer), then silent_blocked (no_answer)',
    logout: 'only here, signed in again',
  },
  note: 'A frame never works: `prompt=none` is a page with status 500 until an app writes `validate_silent_login` and `validate_silent_authorization`, in 2.4 too. 1.7 has no logout for apps, 2.4 has. It sends CORS headers only with django-cors-headers. Name and e-mail are claims that the app adds.',
}
