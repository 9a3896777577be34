// Signs out whoever has left, in all tabs, and says so a minute before.
import { idleTimeout } from 'sotto'
import { auth } from './auth.js'
import { byId } from './dom.js'

const MINUTES = 30

/** Any key or movement of the mouse goes on: the button is there to be seen. */
export function watchIdleness() {
  idleTimeout(auth, {
    seconds: MINUTES * 60,
    onWarn(secondsLeft) {
      byId('idle').hidden = secondsLeft === undefined
      byId('idle-left').textContent = `${secondsLeft} s`
    },
  })
}
