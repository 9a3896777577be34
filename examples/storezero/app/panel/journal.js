// What happened, newest first. In sessionStorage, so that it outlives the way to the server and
// back.
import { byId, h } from '../dom.js'

const KEY = 'storezero:events'
const LENGTH = 60

/** @param {string} type what it is about: session, renewal, failure, api, demo, warning, error */
export function note(type, title, text = '') {
  const entry = { type, title, text, at: Date.now() }
  draw(entry)
  remember([...recall(), entry].slice(-LENGTH))
}

function draw({ type, title, text, at }) {
  const time = new Date(at).toLocaleTimeString('en-GB')
  byId('events').prepend(
    h('li', { 'data-type': type }, h('time', {}, time), h('b', {}, title), h('small', {}, text)),
  )
}

const recall = () => JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
const remember = (entries) => sessionStorage.setItem(KEY, JSON.stringify(entries))

export function startJournal() {
  recall().forEach(draw)
  byId('clear').addEventListener('click', () => {
    remember([])
    byId('events').replaceChildren()
  })
}
