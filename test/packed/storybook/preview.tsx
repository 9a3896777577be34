import type { ComponentType } from 'react'
import { fakeAuth } from 'sotto/testing'
import { AuthProvider } from './auth.ts'

const client = fakeAuth({ user: { sub: 'a', name: 'Alice' } })

export const decorators = [
  (Story: ComponentType) => (
    <AuthProvider client={client}>
      <Story />
    </AuthProvider>
  ),
]
