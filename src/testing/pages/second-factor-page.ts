import { escapeHtml } from '../server/encoding.ts'
import type { FirstFactor, Interaction } from '../server/records.ts'
import type { ServerState } from '../server/state.ts'
import { displayName } from '../server/users.ts'
import { hiddenFields, htmlPage, problemText } from './html-page.ts'

interface SecondFactorPage {
  readonly interaction: Interaction
  readonly first: FirstFactor
  readonly problem?: string
}

/** The page that asks for a one-time code. */
export function secondFactorPage(
  { configuration: { basePath, brand } }: ServerState,
  { interaction, first: { user }, problem }: SecondFactorPage,
): Response {
  const form = `<form method="post" action="${escapeHtml(basePath)}/login">
${hiddenFields({ interaction: interaction.id })}`
  const described = problem ? ' aria-describedby="problem" aria-invalid="true"' : ''
  const content = `<p>One more step for <b>${escapeHtml(displayName(user))}</b>: enter the six digits of your one-time code.</p>
${problemText(problem)}
${form}
<label for="otp">One-time code</label>
<input class="code" id="otp" name="otp" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" maxlength="7"
  title="Six digits" placeholder="••••••" required autofocus${described}>
<button class="main" name="action" value="secondFactor">Verify</button>
</form>
${form}
<button class="plain" name="action" value="back">Log in another way</button>
</form>
<small>A server for tests: your code is <b>${escapeHtml(user.oneTimeCode)}</b>, always.</small>`
  return htmlPage({ title: 'Check that it is you', content, brand })
}
