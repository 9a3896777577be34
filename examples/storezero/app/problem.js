// Runs what buttons are for, and shows what goes wrong.
import { isAuthError } from 'sotto'
import { byId, h, whileBusy } from './dom.js'
import { ApiError } from './orders.js'
import { describeProblem } from './problem-texts.js'

/** Runs an action; what the sign-in server or the API have against it is shown above the page. */
export async function attempt(action) {
  hideProblem()
  try {
    await action()
  } catch (error) {
    if (!isProblem(error)) throw error
    // Where the user has to sign in, the dialog asks.
    if (!document.querySelector('dialog[open]')) showProblem(error, () => attempt(action))
  }
}

export const isProblem = (error) => isAuthError(error) || error instanceof ApiError

/** A listener for a button: runs the action once at a time, and shows what goes wrong. */
export const whenPressed =
  (action) =>
  ({ currentTarget }) =>
    void whileBusy(currentTarget, () => attempt(action))

export const onPress = (id, action) => byId(id).addEventListener('click', whenPressed(action))

/** What the user reads of a problem, for a box. */
export function problemContent(error, retry, close) {
  const { title, text, action, code } = describeProblem(error)
  const docs = `/docs/errors.md#:~:text=${encodeURIComponent(`## ${code.split(',')[0]}`)}`
  const what = h('a', { href: docs, target: '_blank', rel: 'noopener' }, 'what it means')
  return [
    h('h2', {}, title),
    h('p', {}, text),
    h(
      'p',
      { class: 'buttons' },
      action && h('button', { class: 'main', onclick: whenPressed(action.run) }, action.label),
      !action && h('button', { class: 'main', onclick: retry }, 'Try again'),
      close && h('button', { onclick: close }, 'Dismiss'),
    ),
    h('p', { class: 'code' }, 'For developers: ', h('code', {}, code), isAuthError(error) && what),
  ]
}

export function showProblem(error, retry) {
  const box = byId('problem')
  box.replaceChildren(...problemContent(error, retry, hideProblem))
  box.hidden = false
  box.scrollIntoView({ block: 'nearest' })
}

function hideProblem() {
  byId('problem').hidden = true
}
