// A picture for everybody: the one that the server knows, if it is a file of this shop, else
// initials on a color of their own.
import { h } from './dom.js'

const HUES = 12

export function avatar({ sub, name = sub, picture }) {
  const isOwn = picture !== undefined && new URL(picture, location.href).origin === location.origin
  // The page's policy allows no pictures from elsewhere.
  if (isOwn) return h('img', { class: 'avatar', src: picture, alt: '', width: '40', height: '40' })
  return h(
    'span',
    { class: 'avatar', 'data-hue': String(hue(sub)), 'aria-hidden': 'true' },
    initials(name),
  )
}

const hue = (text) => [...text].reduce((sum, letter) => sum * 31 + letter.codePointAt(0), 7) % HUES

function initials(name) {
  const words = name.trim().split(/\s+/)
  return [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => word.slice(0, 1)).join('')
}
