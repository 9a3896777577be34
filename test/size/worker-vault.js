import { createAuthClient, silentIframe } from 'sotto'
import { workerVault } from 'sotto/worker'

globalThis.auth = createAuthClient({
  issuer: 'https://login.example.com',
  clientId: 'app',
  redirectUri: '/callback',
  renewal: [workerVault('/sotto-vault.js'), silentIframe()],
})
