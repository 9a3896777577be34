// Asks before the page leaves for the login: somebody may be in the middle of something.
import { byId } from './dom.js'

/**
 * Fits `onLoginRequired`. The call that met the end of the session fails; the login comes back to
 * this page.
 */
export function askToSignIn(_error, login) {
  const dialog = byId('ask')
  if (dialog.open) return
  dialog.returnValue = ''
  dialog.onclose = () => {
    // What the login may reject with is the error that the caller has already: the user came back
    // without one.
    if (dialog.returnValue === 'login') login().catch(() => undefined)
  }
  dialog.showModal()
}
