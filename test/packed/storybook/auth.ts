import { createAuthClient } from 'sotto'
import { createReactAuth } from 'sotto/react'

/** As an app has it, once. */
export const { useAuth, AuthProvider } = createReactAuth(
  createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'my-spa',
    redirectUri: '/callback',
  }),
)
