import { escapeHtml } from './encoding.ts'
import { htmlPage } from './html-page.ts'
import type { Configuration } from './options.ts'
import type { Interaction } from './state.ts'

interface LoginPage {
  readonly interaction: Interaction
  /** Who can go on without a password. */
  readonly confirm?: string
  readonly username?: string
  readonly problem?: string
}

const hidden = (name: string, value: string) =>
  `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`

function passwordForm({ basePath }: Configuration, page: LoginPage): string {
  const { interaction, problem } = page
  const username = page.username ?? interaction.request.loginHint ?? ''
  const focus = (wanted: boolean) => (wanted ? ' autofocus' : '')
  const described = problem ? ' aria-describedby="problem" aria-invalid="true"' : ''
  return `${problem ? `<p role="alert" id="problem">${escapeHtml(problem)}</p>` : ''}
<form method="post" action="${escapeHtml(basePath)}/login">
${hidden('interaction', interaction.id)}
<label for="username">User name</label>
<input id="username" name="username" value="${escapeHtml(username)}" autocomplete="username"
  autocapitalize="none" spellcheck="false" required${described}${focus(username === '')}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
  required${described}${focus(username !== '')}>
<button class="main" name="action" value="login">Log in</button>
</form>`
}

function confirmForm({ basePath }: Configuration, { interaction, confirm }: LoginPage): string {
  if (confirm === undefined) return ''
  return `<form method="post" action="${escapeHtml(basePath)}/login">
${hidden('interaction', interaction.id)}
<button class="main" name="action" value="continue">Continue as ${escapeHtml(confirm)}</button>
</form>`
}

function cancelForm({ basePath }: Configuration, { interaction }: LoginPage): string {
  return `<form method="post" action="${escapeHtml(basePath)}/login">
${hidden('interaction', interaction.id)}
<button name="action" value="cancel">Cancel</button>
</form>`
}

function hint({ users, usersAreDefault }: Configuration): string {
  if (!usersAreDefault) return ''
  const names = users.map(({ username }) => `<b>${escapeHtml(username)}</b>`).join(' or ')
  return `<small>A server for tests: log in as ${names}, with the name as the password.</small>`
}

/** The page on which a user logs in, or says who goes on. */
export function loginPage(configuration: Configuration, page: LoginPage): Response {
  const { clientId } = page.interaction.request
  const onlyConfirm =
    page.confirm !== undefined && page.interaction.request.prompt.includes('consent')
  const content = [
    `<p>to continue to <b>${escapeHtml(clientId)}</b></p>`,
    confirmForm(configuration, page),
    onlyConfirm ? '' : passwordForm(configuration, page),
    cancelForm(configuration, page),
    hint(configuration),
  ]
  const title = onlyConfirm ? 'Allow access' : 'Log in'
  return htmlPage({ title, content: content.filter(Boolean).join('\n') })
}
