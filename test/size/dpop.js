import { createAuthClient } from 'sotto'
import { dpop } from 'sotto/dpop'

globalThis.auth = createAuthClient({
  issuer: 'https://login.example.com',
  clientId: 'app',
  redirectUri: '/callback',
  dpop: dpop(),
})
