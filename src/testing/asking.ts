import type { AuthorizationRequest } from './authorization-request.ts'
import { askUser } from './interactions.ts'
import { loginPage } from './login-page.ts'
import type { Incoming } from './request-log.ts'
import { secondFactorPage } from './second-factor-page.ts'
import type { Session } from './sessions.ts'
import type { ServerState } from './state.ts'

/** What a user still has to do. */
export type Step = 'login' | 'confirm' | 'secondFactor' | 'done'

/** Shows the page of a step: for an authorization request, or without one for the account page. */
export function ask(
  state: ServerState,
  incoming: Incoming,
  {
    step,
    request,
    session,
  }: {
    readonly step: Step
    readonly request?: AuthorizationRequest
    readonly session?: Session | undefined
  },
): Response {
  const asked = request && { request }
  if (step === 'secondFactor' && session) {
    const first = { user: session.user, how: session, sessionId: session.id }
    return askUser(state, incoming, {
      ...asked,
      page(interaction) {
        interaction.firstFactor = first
        return secondFactorPage(state, { interaction, first })
      },
    })
  }
  const confirmed = step === 'confirm' ? session : undefined
  const confirm = confirmed && { confirm: confirmed.user.username }
  return askUser(state, incoming, {
    ...asked,
    session: confirmed,
    page: (interaction) => loginPage(state, { interaction, ...confirm }),
  })
}
