// Asks before the user has to sign in: they may be in the middle of something.
import { AuthError } from 'sotto'
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

/**
 * Fits `onStepUp`: the API wants to be sure that it is still them. The call goes on when they have
 * signed in.
 *
 * @param {() => Promise<unknown>} login opens a popup, so it is called in the click itself
 */
export function confirmIdentity(login) {
  const dialog = byId('confirm')
  return new Promise((resolve, reject) => {
    byId('confirm-now').onclick = () => {
      resolve(login())
      dialog.close()
    }
    // After the click this changes nothing.
    dialog.onclose = () => reject(new AuthError('popup_closed'))
    dialog.showModal()
  })
}
