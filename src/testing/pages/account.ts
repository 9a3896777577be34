import type { Session } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { endSession, removeSessionCookies, findSession } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { changeAccount, type AccountField } from './account-changes.ts'
import { accountPage, changedPage } from './account-page.ts'
import { errorPage, htmlPage } from './html-page.ts'
import { isSecondFactorMissing } from './second-factor.ts'
import { showStep } from './show-step.ts'

/** The new value that a form has, or what is wrong with it. */
type Checked = { readonly value: string } | { readonly problem: string }

type Check = (form: URLSearchParams, session: Session) => Checked

const matches =
  (name: string, pattern: RegExp, problem: string): Check =>
  (form) => {
    const value = form.get(name)?.trim() ?? ''
    return pattern.test(value) ? { value } : { problem }
  }

const checks: Readonly<Record<AccountField, Check>> = {
  password(form, { user }) {
    const value = form.get('new_password') ?? ''
    // A session that was left open must not be enough to take the account over.
    if (form.get('password') !== user.password) return { problem: 'This is not your password.' }
    return value === '' ? { problem: 'The new password is empty.' } : { value }
  },
  email: matches('email', /^[^\s@]+@[^\s@]+$/, 'This is not an e-mail address.'),
  phone: matches('phone', /^\+?[\d\s()./-]{3,30}$/, 'This is not a phone number.'),
}

const isField = (name: string | null): name is AccountField =>
  name !== null && Object.hasOwn(checks, name)

function withoutCookie(state: ServerState, response: Response): Response {
  removeSessionCookies(state, response)
  return response
}

function logOut(state: ServerState, session: Session): Response {
  endSession(state, session)
  const content = '<p>You can close this page.</p>'
  const { brand } = state.configuration
  return withoutCookie(state, htmlPage({ title: 'You are logged out', content, brand }))
}

function change(state: ServerState, form: URLSearchParams, session: Session): Response {
  const { brand } = state.configuration
  if (form.get('form_token') !== session.formToken) {
    return errorPage('This form is not from your account page: please start again', {
      brand,
      status: 403,
    })
  }
  const field = form.get('change')
  if (field === 'logout') return logOut(state, session)
  if (!isField(field)) return errorPage('There is no such change', { brand })
  const checked = checks[field](form, session)
  if ('problem' in checked) return accountPage(state, session, { field, ...checked })
  const ended = changeAccount(state, session.user, { field, value: checked.value })
  return withoutCookie(state, changedPage(state, field, ended))
}

/**
 * The account page: shows the browser's session, and takes changes that end every session of the
 * user.
 */
export async function account(state: ServerState, incoming: Incoming): Promise<Response> {
  const session = findSession(state, incoming.request)
  if (!session) return showStep(state, incoming, { step: 'login' })
  if (isSecondFactorMissing(state, { user: session.user, how: session })) {
    return showStep(state, incoming, { step: 'secondFactor', session })
  }
  session.lastUsedAt = state.now()
  return incoming.request.method === 'POST'
    ? change(state, incoming.parameters, session)
    : accountPage(state, session)
}
