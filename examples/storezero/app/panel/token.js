// The access token's life, and how a new one was had.
import { auth } from '../auth.js'
import { byId } from '../dom.js'
import { onPress } from '../problem.js'
import { control } from './control.js'
import { note } from './journal.js'
import { tellRenewal } from './renewal-texts.js'
import { countRequests, requestsFrom, takeRequests } from './requests.js'

const DRAW_EVERY_MS = 250
const TOKEN_SECONDS = 60
const SHORT_SECONDS = 1
const quantity = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })
const milliseconds = (value) => (value < 0.01 ? 'under 0.01 ms' : `${quantity.format(value)} ms`)
const amount = ({ length }) => (length === 1 ? '1 request' : `${length} requests`)
let endsAt = 0

export function startToken() {
  auth.on('renewal', noteRenewal)
  auth.on('token', ({ expiresAt }) => (endsAt = expiresAt))
  auth.on('session', ({ user }) => {
    if (!user) endsAt = 0
  })
  onPress('get-token', () => getToken('on'))
  onPress('renew', () => getToken('off'))
  onPress('expire', expireToken)
  setInterval(() => void showLife(), DRAW_EVERY_MS)
}

function noteRenewal(renewal) {
  const { outcome, durationMs, error } = renewal
  const requests = takeRequests(durationMs).join(', ') || 'no request'
  const how = `${tellRenewal(renewal)} · ${milliseconds(durationMs)} · ${requests}`
  if (outcome === 'success') note('renewal', 'Renewed silently', how)
  // No failure: it is how the server says that nobody is signed in.
  else if (error === 'login_required') note('answer', 'The server answered login_required', how)
  else note('failure', `Not renewed: ${error ?? 'aborted'}`, how)
}

/** Gets a token, and says where it came from. */
async function getToken(cacheMode) {
  const first = countRequests()
  const before = performance.now()
  byId('outcome').textContent = 'One moment …'
  try {
    await auth.getTokenSilently({ cacheMode })
  } catch (error) {
    byId('outcome').textContent = `No token: ${error.code}`
    throw error
  }
  const requests = requestsFrom(first)
  const took = milliseconds(performance.now() - before)
  byId('outcome').textContent =
    requests.length > 0
      ? `Renewed silently in ${took}, ${amount(requests)}: ${requests.join(', ')}`
      : `From the cache in ${took}, 0 requests`
}

/**
 * Replaces the token by one that ends in a moment: an app cannot make a token end, but a server
 * can.
 */
async function expireToken() {
  await control({ op: 'setLives', accessTokenSeconds: SHORT_SECONDS })
  try {
    await auth.getTokenSilently({ cacheMode: 'off' })
  } finally {
    await control({ op: 'setLives', accessTokenSeconds: TOKEN_SECONDS })
  }
  note('demo', 'The token has ended', `replaced by one that lives ${SHORT_SECONDS} s`)
}

// A call that is answered from the cache does no I/O: the page may ask as often as it likes.
async function showLife() {
  const details = await auth.getTokenSilently({ cacheMode: 'cache-only', detailed: true })
  if (details) endsAt = details.expiresAt
  const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000))
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  byId('left').textContent = byId('bar-left').textContent = endsAt ? clock : '–'
  byId('life').value = seconds
  byId('life-note').textContent = describeLife(seconds, Boolean(details))
}

function describeLife(seconds, isUsable) {
  if (!endsAt) return 'no token'
  if (isUsable) return 'left'
  return seconds > 0 ? 'left: the next call renews' : 'expired: the next call renews'
}
