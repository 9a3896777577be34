import { createAuthClient, pushedAuthorizationRequest } from 'sotto'

globalThis.auth = createAuthClient({
  issuer: 'https://login.example.com',
  clientId: 'app',
  redirectUri: '/callback',
  par: pushedAuthorizationRequest(),
})
