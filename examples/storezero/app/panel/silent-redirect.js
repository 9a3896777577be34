// The one renewal that no event tells of: the page that asked is gone when the answer comes.
import { note } from './journal.js'

const KEY = 'storezero:asked'
const NAME = 'redirect of the page'

/** Leaves the page, and remembers whether it was to ask the server silently. */
export function noticedNavigate(url) {
  if (url.searchParams.get('prompt') === 'none') sessionStorage.setItem(KEY, 'silently')
  location.assign(url)
  // What comes after is for a page that is still there: shown again from the back/forward cache.
  return new Promise((resolve) => {
    addEventListener('pageshow', ({ persisted }) => persisted && resolve())
  })
}

/** Whether this page load is the answer to one. */
export function takeSilentRedirect() {
  const wasAsked = sessionStorage.getItem(KEY) !== null
  sessionStorage.removeItem(KEY)
  return wasAsked && location.pathname === '/callback'
}

/** @param snapshot what came of it */
export function noteSilentRedirect({ user, error }) {
  if (user) note('renewal', 'Renewed silently', `${NAME} · GET /authorize, POST /token`)
  else if (error) note('failure', `Not renewed: ${error.code}`, NAME)
  else note('answer', 'The server does not know the user', NAME)
}
