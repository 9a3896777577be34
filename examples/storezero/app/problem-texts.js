// Says what went wrong as a user would want to hear it: what happened, what to do, and the code for
// whoever looks into it.
import { isAuthError } from 'sotto'
import { auth } from './auth.js'

const signIn = { label: 'Sign in', run: () => auth.loginWithRedirect() }

const about = [
  {
    codes: ['login_required', 'logged_out', 'session_expired'],
    title: 'You are not signed in any more',
    text: 'Your session has ended. Sign in to go on; your cart and this page stay as they are.',
    action: signIn,
  },
  {
    codes: ['interaction_required', 'consent_required', 'account_selection_required'],
    title: 'The sign-in server has a question',
    text: 'It wants to ask you something before it lets you go on. You come back to this page.',
    action: { ...signIn, label: 'Answer it' },
  },
  {
    codes: ['access_denied'],
    title: 'You have not signed in',
    text: 'The sign-in was cancelled. Nothing is lost: go on looking around, or try again.',
    action: { ...signIn, label: 'Try again' },
  },
  {
    codes: ['user_changed'],
    title: 'Somebody else has signed in',
    text: 'Another person has signed in in this browser. Sign in again to be sure who you are.',
    action: signIn,
  },
  {
    codes: ['state_unknown', 'state_mismatch', 'transaction_expired', 'callback_invalid'],
    title: 'This sign-in is too old',
    text: 'It was begun in another window, or long ago. Begin again from here.',
    action: signIn,
  },
  {
    codes: ['popup_closed'],
    title: 'The order is not placed',
    text: 'It has to be confirmed by signing in once more. Your cart is as it was.',
  },
  {
    codes: ['popup_blocked', 'popup_timeout'],
    title: 'The sign-in window did not work',
    text: 'Your browser may block it, or it was open for too long. Signing in on the whole page works in any case.',
    action: signIn,
  },
  {
    codes: ['redirect_loop'],
    title: 'Signing in does not help',
    text: 'The sign-in server keeps sending you back without a session. Wait a little, then try again.',
  },
  {
    codes: ['silent_blocked', 'silent_timeout'],
    title: 'We could not check whether you are signed in',
    text: 'Your browser may block it. Signing in once more works in any case.',
    action: signIn,
  },
  {
    codes: ['network_error', 'timeout', 'discovery_failed', 'server_error'],
    title: 'The sign-in server cannot be reached',
    text: 'Your connection may be down, or the server is busy. You can go on shopping; try again in a moment.',
  },
]

const unknown = {
  title: 'Something went wrong with the sign-in',
  text: 'It is not your fault. Try again; if it happens again, tell us the code below.',
}

/**
 * @returns {{ title: string, text: string, action?: { label: string, run: () => unknown }, code:
 * string }}
 */
export function describeProblem(error) {
  if (isAuthError(error)) {
    const known = about.find(({ codes }) => codes.includes(error.code)) ?? unknown
    return { ...known, code: [error.code, error.reason].filter(Boolean).join(', ') }
  }
  if (error.status === 401) {
    const text =
      'It does not accept your sign-in any more. Sign in again; you come back to this page.'
    return { title: 'The shop does not know you', text, action: signIn, code: 'api, 401' }
  }
  return {
    title: 'Your orders are out of reach',
    text: 'Your connection may be down, or the shop is busy. Try again in a moment.',
    code: `api, ${error.status}`,
  }
}
