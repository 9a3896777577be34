import { createAuthFetch, type AuthClient } from 'sotto'

/** A component without a framework: who is signed in, what they ordered, and a button. */
export function mountOrders(
  auth: AuthClient,
  root: HTMLElement,
  options: { readonly fetch?: typeof fetch } = {},
): void {
  const api = createAuthFetch(auth, { allowedOrigins: ['self'], ...options })
  const show = (text: string, button?: string, onClick?: () => unknown): void => {
    root.textContent = text
    if (button === undefined) return
    const element = Object.assign(document.createElement('button'), { textContent: button })
    element.addEventListener('click', () => void onClick?.())
    root.append(element)
  }
  const render = (): void => {
    const snapshot = auth.getSnapshot()
    if (snapshot.status === 'anonymous')
      show('', 'Log in', () => auth.loginWithRedirect({ returnTo: '/orders' }))
    else if (snapshot.status === 'authenticated')
      show(`Hello ${snapshot.user.name}. `, 'Orders', async () => {
        const response = await api('/api/orders')
        show(await response.text(), 'Log out', () => auth.logout())
      })
    else show(snapshot.status === 'error' ? snapshot.error.code : 'Loading')
  }
  auth.subscribe(render)
  render()
}
