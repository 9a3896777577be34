// Begins and ends what needs the sign-in server, and takes the user back to where they were.
import { isAuthError, loginWithPopup } from 'sotto'
import { auth } from './auth.js'
import { attempt, showProblem } from './problem.js'
import { readSettings } from './settings.js'
import { say, sayNext, sayRest } from './toast.js'

const PLACE_KEY = 'storezero:place'
const GREET = 'greet'

/**
 * Finishes a login if this page load is the way back from one, else restores the session. Says how
 * the page was scrolled.
 */
export async function startSession() {
  let scrolled = 0
  const { error } = await auth.start({
    onCallback({ returnTo, user, appState }) {
      history.replaceState(null, '', returnTo ?? '/')
      scrolled = scrollOf(location.href)
      // Not after a redirect that only asked for a token: the user has pressed nothing then.
      if (user && appState === GREET) say(`Welcome, ${user.name ?? user.sub}`)
    },
  })
  if (location.pathname === '/callback') history.replaceState(null, '', error?.returnTo ?? '/')
  if (error) showProblem(error, () => attempt(() => auth.getTokenSilently()))
  return scrolled
}

/** To be called in the click itself: browsers open a popup only then. */
export async function signIn() {
  if (readSettings().signInBy === 'page') return auth.loginWithRedirect({ appState: GREET })
  try {
    const { user } = await loginWithPopup(auth)
    say(`Welcome, ${user.name ?? user.sub}`)
  } catch (error) {
    // They have changed their mind.
    if (!isAuthError(error, 'popup_closed')) throw error
  }
}

/** Signs out here, in all tabs, and at the server, which sends the browser back to the shop. */
export async function signOut() {
  sayNext('You are signed out')
  await auth.logout()
  // Still here: the server's session could not be ended. This shop's is over all the same.
  sayRest()
}

/** A sign-out here or in another tab. */
export function watchSignOut() {
  let wasSignedIn = false
  auth.on('session', ({ status, user }) => {
    if (wasSignedIn && status === 'anonymous') say('You are signed out')
    wasSignedIn = Boolean(user)
  })
}

// The address says which page it was, but not how far down.
const keepPlace = () => {
  sessionStorage.setItem(PLACE_KEY, JSON.stringify([location.href, scrollY]))
}
addEventListener('pagehide', keepPlace)
// Firefox loses what this page, with its Cross-Origin-Opener-Policy, writes any later.
document.addEventListener('visibilitychange', keepPlace)

function scrollOf(href) {
  const [left, y] = JSON.parse(sessionStorage.getItem(PLACE_KEY) ?? '[]')
  return left === href ? y : 0
}
