import type { AuthorizationRequest } from '../endpoints/authorization-request.ts'
import type { Session } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { beginInteraction } from './begin-interaction.ts'
import { loginPage } from './login-page.ts'
import { secondFactorPage } from './second-factor-page.ts'

/** What a user still has to do. */
export type Step = 'login' | 'confirm' | 'secondFactor' | 'done'

/** Shows the page of a step: for an authorization request, or without one for the account page. */
export function showStep(
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
    return beginInteraction(state, incoming, {
      ...asked,
      page(interaction) {
        interaction.firstFactor = first
        return secondFactorPage(state, { interaction, first })
      },
    })
  }
  const confirmed = step === 'confirm' ? session : undefined
  const confirm = confirmed && { confirm: confirmed.user.username }
  return beginInteraction(state, incoming, {
    ...asked,
    session: confirmed,
    page: (interaction) => loginPage(state, { interaction, ...confirm }),
  })
}
