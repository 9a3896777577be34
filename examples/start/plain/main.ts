// src/main.ts
import { auth } from './auth'

const app = document.querySelector('#app')!
const session = await auth.start()
if (session.status === 'authenticated') {
  app.innerHTML = '<p></p><button>Log out</button>'
  app.querySelector('p')!.textContent = `Signed in as ${session.user.name}`
  app.querySelector('button')!.onclick = () => auth.logout()
} else {
  app.innerHTML = '<p></p><button>Log in</button>'
  if (session.status === 'error') app.querySelector('p')!.textContent = session.error.message
  app.querySelector('button')!.onclick = () => auth.loginWithRedirect()
}
