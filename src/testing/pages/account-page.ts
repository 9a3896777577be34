import { escapeHtml } from '../server/encoding.ts'
import type { Session } from '../server/records.ts'
import { liveSessions } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { displayName } from '../server/users.ts'
import type { AccountField } from './account-changes.ts'
import { hiddenFields, htmlPage, initialOf, problemText } from './html-page.ts'

/** What went wrong with a change. */
export interface AccountProblem {
  readonly field: AccountField
  readonly problem: string
}

const timeFormat = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const

const time = (ms: number) =>
  `<time datetime="${new Date(ms).toISOString()}">${new Date(ms).toLocaleString('en-GB', timeFormat)} UTC</time>`

const methods: Readonly<Record<string, string>> = { pwd: 'Password', otp: 'One-time code' }

function howText(state: ServerState, session: Session): string {
  const { amr, identityProvider } = session
  const provider = state.configuration.identityProviders.find(({ id }) => id === identityProvider)
  if (provider) return provider.name
  const known = amr.flatMap((method) => methods[method] ?? [])
  return known.join(' and ').replace(' and O', ' and o') || 'Unknown'
}

function sessionList(state: ServerState, session: Session): string {
  const others = liveSessions(state).filter(
    ({ id, user }) => user === session.user && id !== session.id,
  )
  const { secondFactorAt } = session
  const rows = [
    ['Logged in', time(session.authTime * 1000)],
    ['With', escapeHtml(howText(state, session))],
    ['Second factor', secondFactorAt === undefined ? 'Not used' : `Used ${time(secondFactorAt)}`],
    ['Other sessions', String(others.length)],
  ]
  const items = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
  return `<dl>${items.join('\n')}</dl>`
}

const textClaim = ({ user }: Session, name: string) => {
  const claim = user.claims[name]
  return typeof claim === 'string' ? claim : ''
}

const input = (name: string, label: string, attributes: string) =>
  `<label for="${name}">${label}</label>\n<input id="${name}" name="${name}" required ${attributes}>`

/** The fields of each form; the current value goes into the summary. */
function fieldsOf(session: Session) {
  const email = textClaim(session, 'email')
  const phone = textClaim(session, 'phone_number')
  return [
    {
      field: 'password',
      label: 'Password',
      current: '••••••••',
      inputs: [
        input('password', 'Current password', 'type="password" autocomplete="current-password"'),
        input('new_password', 'New password', 'type="password" autocomplete="new-password"'),
      ],
    },
    {
      field: 'email',
      label: 'E-mail',
      current: email,
      inputs: [input('email', 'New e-mail', 'type="email" autocomplete="email"')],
    },
    {
      field: 'phone',
      label: 'Phone',
      current: phone,
      inputs: [input('phone', 'New phone', 'type="tel" autocomplete="tel"')],
    },
  ] as const
}

function forms(action: string, session: Session, failed: AccountProblem | undefined): string {
  const isFederated = session.user.identity !== undefined
  const fields = fieldsOf(session).filter(({ field }) => !isFederated || field !== 'password')
  const rows = fields.map(({ field, label, current, inputs }) => {
    const problem = failed?.field === field ? failed.problem : undefined
    return `<details name="account"${problem === undefined ? '' : ' open'}>
<summary><span>${label}<i>${escapeHtml(current) || 'None yet'}</i></span></summary>
<form method="post" action="${action}">
${problemText(problem)}
${hiddenFields({ form_token: session.formToken })}
${inputs.join('\n')}
<button class="main" name="change" value="${field}">Change ${label.toLowerCase()}</button>
</form>
</details>`
  })
  return `<div class="rows">${rows.join('\n')}</div>`
}

/** The page on which a user sees their session and changes how they log in. */
export function accountPage(
  state: ServerState,
  session: Session,
  failed?: AccountProblem,
): Response {
  const { basePath, brand } = state.configuration
  const { user } = session
  const name = displayName(user)
  const action = `${escapeHtml(basePath)}/account`
  const content = `<div class="person"><span class="avatar" aria-hidden="true">${initialOf(name)}</span>
<div><h1>${escapeHtml(name)}</h1><p>${escapeHtml(user.username)}</p></div></div>
${sessionList(state, session)}
<h2>${user.identity ? 'Contact' : 'Password and contact'}</h2>
<p>A change logs you out everywhere, on this device too.${user.identity ? ' Your password is kept where you log in.' : ''}</p>
${forms(action, session, failed)}
<form method="post" action="${action}">
${hiddenFields({ form_token: session.formToken })}
<button name="change" value="logout">Log out</button>
</form>`
  const status = failed ? 400 : 200
  return htmlPage({ title: 'Your account', content, brand, status, layout: 'account' })
}

/** Says what has been done, and that the user has to log in again. */
export function changedPage(
  { configuration: { basePath, brand } }: ServerState,
  field: AccountField,
  ended: number,
): Response {
  const names = { password: 'password', email: 'e-mail', phone: 'phone' }
  const sessions = ended === 1 ? '1 session has' : `${ended} sessions have`
  const content = `<p role="status">Saved. ${sessions} ended: you are logged out everywhere.</p>
<p>Every app will ask you to log in again.</p>
<a class="button main" href="${escapeHtml(basePath)}/account">Log in again</a>`
  return htmlPage({ title: `Your ${names[field]} is changed`, content, brand })
}
