import type { AuthorizationRequest } from '../endpoints/authorization-request.ts'
import { randomToken } from '../server/encoding.ts'
import type { Interaction, Session } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { browserCookie, browserIdOf } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'

const interactionMs = 600_000

/**
 * What the user is asked for; without a request to see the account page, with a session to confirm
 * it.
 */
interface Asking {
  readonly request?: AuthorizationRequest
  readonly session?: Session | undefined
}

/** Begins to ask the user, on a page that works in this browser only. */
export function beginInteraction(
  state: ServerState,
  incoming: Incoming,
  {
    request,
    session,
    page,
  }: Asking & {
    readonly page: (interaction: Interaction) => Response
  },
): Response {
  const known = browserIdOf(state, incoming.request)
  const browserId = known ?? randomToken()
  const interaction: Interaction = {
    id: randomToken(),
    browserId,
    expiresAt: state.now() + interactionMs,
    wrongCodes: 0,
    ...(request && { request }),
    ...(session && { sessionId: session.id }),
  }
  state.interactions.set(interaction.id, interaction)
  const response = page(interaction)
  if (known === undefined) {
    response.headers.append('set-cookie', browserCookie(state, browserId))
  }
  return response
}

/** The interaction of that id, if it began in this browser and is not too old. */
export function findInteraction(
  state: ServerState,
  { request }: Incoming,
  id: string | null,
): Interaction | undefined {
  const interaction = state.interactions.get(id ?? '')
  if (!interaction || interaction.expiresAt < state.now()) return undefined
  return interaction.browserId === browserIdOf(state, request) ? interaction : undefined
}
