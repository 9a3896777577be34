// Says what came of the last button that was pressed, to screen readers too.
import { byId } from '../dom.js'

export function tell(text) {
  byId('outcome').textContent = text
}
