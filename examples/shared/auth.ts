import { createAuthClient } from 'sotto'
import { z } from 'zod'

/** The client of every app here: nothing about it is of a framework. */
export const auth = createAuthClient({
  issuer: import.meta.env.VITE_ISSUER ?? 'http://localhost:4000',
  clientId: 'app',
  redirectUri: '/callback',
  postLogoutRedirectUri: '/',
  claims: z.object({ name: z.string() }),
})
