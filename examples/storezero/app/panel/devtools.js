// What any app can show of its client, this panel's own half apart: `showDevtools` of Sotto.
import { auth } from '../auth.js'
import { byId } from '../dom.js'
import { onPress } from '../problem.js'

let hide

export function startDevtools() {
  onPress('devtools', toggle)
}

/** Loaded at the first press: a shop that nobody looks into does not carry it. */
async function toggle() {
  if (hide) {
    hide()
    hide = undefined
  } else {
    const { showDevtools } = await import('sotto/devtools')
    hide = showDevtools(auth, { open: true })
  }
  byId('devtools').setAttribute('aria-pressed', String(hide !== undefined))
}
