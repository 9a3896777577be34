// Gets access tokens and makes them end; the devtools show what they are.
import { auth } from '../auth.js'
import { byId } from '../dom.js'
import { onPress } from '../problem.js'
import { control } from './control.js'
import { tell } from './outcome.js'

const DRAW_EVERY_MS = 250
const TOKEN_SECONDS = 60
const SHORT_SECONDS = 1
const quantity = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })
const milliseconds = (value) => (value < 0.01 ? 'under 0.01 ms' : `${quantity.format(value)} ms`)
/** @type {string[]} what has renewed since a token was asked for */
const renewedBy = []

export function startToken() {
  auth.on('renewal', ({ strategy }) => renewedBy.push(strategy ?? 'another tab'))
  onPress('get-token', () => getToken('on'))
  onPress('renew', () => getToken('off'))
  onPress('expire', expireToken)
  setInterval(() => void showLife(), DRAW_EVERY_MS)
}

/** Gets a token, and says where it came from. */
async function getToken(cacheMode) {
  renewedBy.length = 0
  const before = performance.now()
  tell('One moment …')
  try {
    await auth.getTokenSilently({ cacheMode })
  } catch (error) {
    tell(`No token: ${error.code}`)
    throw error
  }
  const took = milliseconds(performance.now() - before)
  tell(
    renewedBy.length > 0
      ? `Renewed silently in ${took}, by ${renewedBy.join(', ')}`
      : `From the cache in ${took}, without a request`,
  )
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
  tell(`Replaced by a token that lives ${SHORT_SECONDS} s: the next call renews`)
}

/** In the bar, which is all that is seen of a closed panel. The cache answers without I/O. */
async function showLife() {
  const details = await auth.getTokenSilently({ cacheMode: 'cache-only', detailed: true })
  const seconds = details && Math.max(0, Math.ceil((details.expiresAt - Date.now()) / 1000))
  byId('bar-left').textContent = details ? `${seconds} s` : '–'
}
