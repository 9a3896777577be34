import { useAuth } from './auth.ts'

/** A component of an app. */
export function Greeting() {
  const session = useAuth()
  return <p>{session.status === 'authenticated' ? `Hello ${session.user.name}` : 'Log in'}</p>
}
