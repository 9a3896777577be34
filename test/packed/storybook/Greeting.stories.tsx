import type { ComponentType } from 'react'
import { fakeAuth } from 'sotto/testing'
import { AuthProvider } from './auth.ts'
import { Greeting } from './Greeting.tsx'

export default { component: Greeting }

export const SignedIn = {}

const nobody = fakeAuth()
/** A story of its own state: its provider is inside that of the preview. */
export const SignedOut = {
  decorators: [
    (Story: ComponentType) => (
      <AuthProvider client={nobody}>
        <Story />
      </AuthProvider>
    ),
  ],
}
