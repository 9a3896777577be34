import { startScriptServer } from '../script-server.ts'
import { type Server, USER } from '../server.ts'

export const betterAuth: Server = {
  name: 'better-auth',
  title: 'Better Auth (oauth-provider)',
  from: 'npm',
  packages: ['better-auth', '@better-auth/oauth-provider'],
  start: startScriptServer({
    script: new URL('serve.mjs', import.meta.url),
    issuerAt: (port) => `http://localhost:${port}/api/auth`,
  }),
  loginForm: '#password',
  logIn: async (page) => {
    await page.locator('#email').fill(USER.email)
    await page.locator('#password').fill(USER.password)
    await page.getByRole('button').click()
  },
  expected: { claims: 'ID token: neither; UserInfo: name, email', silent: 'query' },
  note: 'Name and e-mail are in UserInfo only: `userInfo: mergeUserInfo()`. Signs with EdDSA. Sends no CORS headers by itself. Clients on `localhost` are registered as `native`.',
}
