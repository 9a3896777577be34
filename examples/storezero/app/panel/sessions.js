// The three sessions, as each of those sees them who keep one.
import { auth } from '../auth.js'
import { issuer, provider } from '../config.js'
import { byId } from '../dom.js'
import { readSettings } from '../settings.js'
import { control } from './control.js'

const SEEN_KEY = 'storezero:seen'
const LOOK_EVERY_MS = 2000
const places = { memory: 'in memory', localStorage: 'in localStorage', indexedDB: 'in IndexedDB' }
/** How somebody has authenticated (RFC 8176). */
const factors = { pwd: 'password', otp: 'code' }

export function startSessions() {
  auth.subscribe(showSessions)
  setInterval(showSessions, LOOK_EVERY_MS)
  showSessions()
}

export function showSessions() {
  if (document.hidden) return
  showApp()
  const seen = rememberUser()
  void showServer('server', issuer, ({ sid }) => sid === seen.sid)
  void showServer('provider', provider, ({ sub }) => `harbour|${sub}` === seen.federatedSub)
}

/**
 * The mock servers list the sessions of every browser: this one's are those whose users it has
 * seen.
 */
function rememberUser() {
  const { user } = auth.getSnapshot()
  const seen = JSON.parse(localStorage.getItem(SEEN_KEY) ?? '{}')
  if (user?.sid === undefined) return seen
  const federatedSub = user.sub.includes('|') ? user.sub : seen.federatedSub
  const now = { sid: user.sid, federatedSub }
  localStorage.setItem(SEEN_KEY, JSON.stringify(now))
  return now
}

function showApp() {
  const { status, user } = auth.getSnapshot()
  show('app', {
    isThere: Boolean(user),
    state: user ? (user.name ?? user.sub) : status === 'loading' ? 'looking …' : status,
    text: user ? `tokens ${places[readSettings().storage]}` : 'no tokens',
  })
}

async function showServer(who, server, isMine) {
  const { host } = new URL(server)
  try {
    const mine = (await control({ op: 'sessions' }, server)).find(isMine)
    show(who, {
      isThere: Boolean(mine),
      state: mine ? mine.name : 'no session',
      text: mine ? `${host} · ${time(mine.authTime)}, ${how(mine)}` : host,
    })
  } catch {
    show(who, { isThere: false, state: 'no answer', text: host })
  }
}

const time = (at) =>
  new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

function how({ amr, identityProvider }) {
  if (identityProvider) return 'by identity provider'
  const used = amr.map((method) => factors[method]).filter(Boolean)
  return `by ${used.join(' and ')}`
}

function show(who, { isThere, state, text }) {
  const row = byId(`session-${who}`)
  row.querySelector('.state').textContent = state
  row.querySelector('small').textContent = text
  for (const element of document.querySelectorAll(`[data-session=${who}]`)) {
    element.toggleAttribute('data-there', isThere)
  }
}
