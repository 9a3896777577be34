import { startScriptServer } from '../script-server.ts'
import type { Server } from '../server.ts'

export const oauth2MockServer: Server = {
  name: 'oauth2-mock-server',
  title: 'oauth2-mock-server',
  from: 'npm',
  packages: ['oauth2-mock-server'],
  start: startScriptServer({ script: new URL('serve.mjs', import.meta.url) }),
  // It asks nobody.
  logIn: () => Promise.resolve(),
  // And it knows nobody.
  expected: {
    claims: 'ID token: neither; UserInfo: neither',
    silent: 'query',
    sessionOver: 'a token',
    logout: 'comes back, signed in again',
    wrongClient: 'a token',
    wrongRedirectUri: 'a token',
  },
  note: 'Has no session, no login page and no check of the client. Grants the scope `dummy`: `scope_narrowed`.',
}
