// The app's module of that name, which blocks import.
import { createAuthClient } from 'sotto'
import { createReactAuth } from 'sotto/react'

export const auth = createAuthClient({ issuer, clientId, redirectUri })
export const { AuthProvider } = createReactAuth(auth)
