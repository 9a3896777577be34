// src/App.tsx
import { createReactAuth } from 'sotto/react'
import { auth } from './auth'

const { useAuth } = createReactAuth(auth)
void auth.start()

// oxlint-disable-next-line import/no-default-export -- as the templates of Vite have it
export default function App() {
  const session = useAuth()
  if (session.status === 'loading') return <p>One moment</p>
  if (session.status === 'authenticated')
    return (
      <>
        <p>Signed in as {session.user.name}</p>
        <button onClick={() => void auth.logout()}>Log out</button>
      </>
    )
  return (
    <>
      {session.status === 'error' && <p role="alert">{session.error.message}</p>}
      <button onClick={() => void auth.loginWithRedirect()}>Log in</button>
    </>
  )
}
