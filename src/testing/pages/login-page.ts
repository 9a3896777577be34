import { escapeHtml } from '../server/encoding.ts'
import type { Interaction } from '../server/records.ts'
import type { ServerState } from '../server/state.ts'
import { hiddenFields, htmlPage, initialOf, problemText } from './html-page.ts'

interface LoginPage {
  readonly interaction: Interaction
  /** Who can go on without a password. */
  readonly confirm?: string
  readonly username?: string
  readonly problem?: string
  /** Whether the problem is what the user has typed. */
  readonly isTyped?: boolean
}

const postForm = (
  { configuration: { basePath } }: ServerState,
  { interaction: { id } }: LoginPage,
  content: string,
) => `<form method="post" action="${escapeHtml(basePath)}/login">
${hiddenFields({ interaction: id })}
${content}
</form>`

function passwordForm(state: ServerState, page: LoginPage): string {
  const username = page.username ?? page.interaction.request?.loginHint ?? ''
  const focus = (wanted: boolean) => (wanted ? ' autofocus' : '')
  const described = page.isTyped ? ' aria-describedby="problem" aria-invalid="true"' : ''
  return postForm(
    state,
    page,
    `<label for="username">User name</label>
<input id="username" name="username" value="${escapeHtml(username)}" autocomplete="username"
  autocapitalize="none" spellcheck="false" required${described}${focus(username === '')}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
  required${described}${focus(username !== '')}>
<button class="main" name="action" value="login">Log in</button>`,
  )
}

function confirmForm(state: ServerState, page: LoginPage): string {
  const { confirm } = page
  if (confirm === undefined) return ''
  const label = `Continue as ${escapeHtml(confirm)}`
  return postForm(
    state,
    page,
    `<button class="main" name="action" value="continue">${label}</button>`,
  )
}

function providerForm(state: ServerState, page: LoginPage): string {
  const { identityProviders } = state.configuration
  if (identityProviders.length === 0) return ''
  const buttons = identityProviders.map(
    ({ id, name }) =>
      `<button name="provider" value="${escapeHtml(id)}"><span class="dot" aria-hidden="true">${initialOf(name)}</span>Continue with ${escapeHtml(name)}</button>`,
  )
  return `<p class="or">or</p>\n${postForm(state, page, buttons.join('\n'))}`
}

function cancelForm(state: ServerState, page: LoginPage): string {
  const button = '<button class="plain" name="action" value="cancel">Cancel</button>'
  return page.interaction.request ? postForm(state, page, button) : ''
}

function hint({ configuration, users }: ServerState): string {
  if (!configuration.usersAreDefault) return ''
  const known = users.filter(({ username, password }) => username === password)
  const names = known.map(({ username }) => `<b>${escapeHtml(username)}</b>`).join(' or ')
  if (names === '') return ''
  return `<small>A server for tests: log in as ${names}, with the name as the password.</small>`
}

/** The page on which a user logs in, or says who goes on. */
export function loginPage(state: ServerState, page: LoginPage): Response {
  const { request } = page.interaction
  const onlyConfirm = page.confirm !== undefined && request?.prompt.includes('consent') === true
  const target = request
    ? `continue to <b>${escapeHtml(request.client.name)}</b>`
    : 'see your account'
  const content = [
    `<p>to ${target}</p>`,
    problemText(page.problem),
    confirmForm(state, page),
    page.confirm === undefined || onlyConfirm ? '' : '<p class="or">or as somebody else</p>',
    onlyConfirm ? '' : passwordForm(state, page),
    onlyConfirm ? '' : providerForm(state, page),
    cancelForm(state, page),
    hint(state),
  ]
  const title = onlyConfirm ? 'Allow access' : 'Log in'
  const { brand } = state.configuration
  return htmlPage({ title, content: content.filter(Boolean).join('\n'), brand })
}
