// The reading half of the panel: what any app can show of its client, by `showDevtools` of Sotto.
import { showDevtools } from 'sotto/devtools'
import { auth } from '../auth.js'
import { byId } from '../dom.js'

export function startDevtools() {
  showDevtools(auth, { container: byId('devtools') })
}
