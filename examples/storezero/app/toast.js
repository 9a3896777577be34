import { byId } from './dom.js'

const NEXT_KEY = 'storezero:say'
const SHOWN_MS = 4000
let timer

/** Says it on the page that comes next in this tab. */
export const sayNext = (text) => sessionStorage.setItem(NEXT_KEY, text)

/** Says what the last page has left to say. */
export function sayRest() {
  const text = sessionStorage.getItem(NEXT_KEY)
  sessionStorage.removeItem(NEXT_KEY)
  if (text) say(text)
}

/** Says something in passing; screen readers read it out. */
export function say(text) {
  const toast = byId('toast')
  toast.textContent = text
  toast.dataset.shown = ''
  clearTimeout(timer)
  timer = setTimeout(() => delete toast.dataset.shown, SHOWN_MS)
}
