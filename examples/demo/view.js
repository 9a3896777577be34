// Draws; knows nothing of Sotto but the shapes it is given.
const LOG_KEY = 'demo:log'
const LOG_LENGTH = 60
const HELPED_BY_LOGIN =
  /_required$|^(logged_out|user_changed|access_denied|state_unknown|transaction_expired)$/

const element = (id) => document.getElementById(id)
const quantity = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })
let problem = 0

export function onClick(id, action) {
  element(id).addEventListener('click', action)
}

export function milliseconds(value) {
  return value < 0.01 ? 'under 0.01 ms' : `${quantity.format(value)} ms`
}

export function showIssuer(issuer) {
  element('issuer').textContent = issuer
}

export function showSession(snapshot) {
  const { status, user } = snapshot
  const name = user?.name ?? ''
  element('status').textContent = status
  element('status').dataset.status = status
  element('name').textContent =
    status === 'loading' ? 'One moment …' : name || 'Nobody is signed in'
  element('email').textContent = user?.email ?? ''
  element('initials').textContent = user ? initials(name || user.sub) : ''
  element('initials').toggleAttribute('data-empty', !user)
  element('sign-in').hidden = status === 'loading' || Boolean(user)
  element('sign-out').hidden = !user
  element('snapshot').textContent = JSON.stringify(snapshot, null, 2)
}

function initials(name) {
  const words = name.split(/\s+/)
  return [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => word.slice(0, 1)).join('')
}

let ends = 0
let usable = false

/** @param details of the cached token, or undefined where none is good enough */
export function showLife(details) {
  usable = Boolean(details)
  if (details) {
    ends = details.expiresAt
    element('token').textContent =
      `${details.accessToken.slice(0, 12)}…${details.accessToken.slice(-8)}`
    element('scope').textContent = details.scope
  }
  drawLife(Math.max(0, Math.ceil((ends - Date.now()) / 1000)))
}

/** The token belongs to a session that is over. */
export function forgetToken() {
  ends = 0
  element('token').textContent = 'none'
  element('scope').textContent = '–'
}

function drawLife(seconds) {
  element('left').textContent = ends ? `${seconds} s` : '–'
  element('life-note').textContent = !ends
    ? 'no token'
    : usable
      ? 'left'
      : seconds > 0
        ? 'left, too few: the next call renews'
        : 'expired: the next call renews'
  element('life').value = seconds
}

export function showOutcome(text, requests) {
  element('outcome').textContent = requests.length > 0 ? `${text}: ${requests.join(', ')}` : text
}

/** Calls back every 5 seconds while the box is ticked, until that fails. */
export function pollWith(action) {
  const box = element('poll')
  const ask = async () => {
    if (box.checked && !(await action())) box.checked = false
  }
  box.checked = false
  box.addEventListener('change', () => void ask())
  setInterval(() => void ask(), 5000)
}

export function log(type, text) {
  const entry = { type, text, at: Date.now() }
  draw(entry)
  remember([...recall(), entry].slice(-LOG_LENGTH))
}

function draw({ type, text, at }) {
  const item = document.createElement('li')
  const time = document.createElement('time')
  const label = document.createElement('b')
  const message = document.createElement('span')
  time.textContent = new Date(at).toLocaleTimeString('en-GB')
  label.textContent = type
  message.textContent = text
  item.dataset.type = type
  item.append(time, label, message)
  element('log').prepend(item)
}

// The log outlives the way to the server and back.
function recall() {
  return JSON.parse(sessionStorage.getItem(LOG_KEY) ?? '[]')
}

function remember(entries) {
  sessionStorage.setItem(LOG_KEY, JSON.stringify(entries))
}

/** Shows an error as docs/errors.md explains it. */
export async function showProblem(error) {
  const current = ++problem
  log('error', error.code)
  const section = await readDocs(error.code)
  if (current !== problem) return
  element('problem-code').textContent = error.reason
    ? `${error.code} (${error.reason})`
    : error.code
  element('problem-meaning').textContent = section.meaning
  element('problem-advice').textContent = section.advice
  element('problem-sign-in').hidden = !HELPED_BY_LOGIN.test(error.code)
  element('problem-docs').href = `/docs/errors.md#:~:text=${encodeURIComponent(`## ${error.code}`)}`
  element('problem').hidden = false
  element('problem').scrollIntoView({ block: 'nearest' })
}

export function hideProblem() {
  problem++
  element('problem').hidden = true
}

/** The first paragraph of a code's section, and the one that says what to do. */
async function readDocs(code) {
  const text = await fetch('/docs/errors.md').then((response) => response.text())
  const paragraphs = (text.split(`\n## ${code}\n`)[1] ?? '')
    .split('\n## ')[0]
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').replace(/\[(.+?)\]\(.+?\)|[`*]/g, '$1'))
  return {
    meaning: paragraphs[0],
    advice: paragraphs.find((paragraph) => paragraph.startsWith('What to do:')) ?? '',
  }
}

recall().forEach(draw)
onClick('problem-close', hideProblem)
onClick('clear-log', () => {
  remember([])
  element('log').replaceChildren()
})
