import { findInteraction } from '../pages/begin-interaction.ts'
import { afterFirstFactor } from '../pages/finish-interaction.ts'
import { errorPage, hiddenFields } from '../pages/html-page.ts'
import { loginPage } from '../pages/login-page.ts'
import { escapeHtml } from '../server/encoding.ts'
import type { Interaction } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { browserIdOf } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { federatedLogin, federatedUser } from './federated-users.ts'
import { beginAtProvider, fetchJson, type ProviderLogin } from './identity-provider.ts'
import { readProviderIdToken, type ProviderClaims } from './provider-id-token.ts'

/** Why a login at a provider failed, in words for the user. */
const problems = {
  cancelled: (name: string) => `You went back at ${name}. Choose how to log in.`,
  refused: (name: string) => `${name} did not log you in. Try again, or log in another way.`,
  unreachable: (name: string) => `${name} does not answer. Try again, or log in another way.`,
  untrusted: (name: string) => `What ${name} answered could not be verified. Please try again.`,
}

type Problem = keyof typeof problems

const callbackUri = ({ configuration }: ServerState) => `${configuration.baseUrl}/idp/callback`

/**
 * What of the app's request the provider has to know, so that it does not answer from a session
 * that is too old for it.
 */
function passedOn({ request }: Interaction): Readonly<Record<string, string>> {
  const prompt = request?.prompt.filter((word) => word === 'login' || word === 'select_account')
  return {
    ...(prompt?.length && { prompt: prompt.join(' ') }),
    ...(request?.maxAge !== undefined && { max_age: String(request.maxAge) }),
  }
}

/** The button of a provider on the login page: sends the browser there. */
export async function beginFederation(
  state: ServerState,
  interaction: Interaction,
  providerId: string,
): Promise<Response> {
  const { identityProviders, fetch: fetcher } = state.configuration
  const provider = identityProviders.find(({ id }) => id === providerId)
  if (!provider) return loginPage(state, { interaction })
  const parameters = { redirect_uri: callbackUri(state), ...passedOn(interaction) }
  const begun = await beginAtProvider(fetcher, provider, parameters)
  if (!begun) return loginPage(state, { interaction, problem: problems.unreachable(provider.name) })
  interaction.firstFactor = undefined
  interaction.providerLogin = begun.login
  const headers = {
    location: begun.location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  }
  return new Response(null, { status: 303, headers })
}

/** Who the user is at the provider, from its authorization response, or why nobody knows. */
async function readAnswer(
  state: ServerState,
  answer: URLSearchParams,
  login: ProviderLogin,
): Promise<ProviderClaims | Problem> {
  const { provider, metadata, codeVerifier } = login
  const { fetch: fetcher, now } = state.configuration
  const iss = answer.get('iss')
  const mustHaveIss = metadata.authorization_response_iss_parameter_supported === true
  // RFC 9207 section 2.4: the answer of another provider must not be taken for this one's.
  if (iss === null ? mustHaveIss : iss !== provider.issuer) return 'untrusted'
  const error = answer.get('error')
  if (error !== null) return error === 'access_denied' ? 'cancelled' : 'refused'
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: provider.clientId,
    redirect_uri: callbackUri(state),
    code: answer.get('code') ?? '',
    code_verifier: codeVerifier,
  })
  const tokens = await fetchJson(fetcher, metadata.token_endpoint, body)
  if (!tokens || tokens.status >= 500) return 'unreachable'
  if (tokens.status !== 200) return 'refused'
  const idToken = (tokens.json as { readonly id_token?: unknown } | undefined)?.id_token
  return (await readProviderIdToken(fetcher, login, { idToken, nowMs: now() })) ?? 'untrusted'
}

/**
 * For an answer that nobody waits for: leads back to the login page that this browser has seen
 * last.
 */
function unexpected(state: ServerState, incoming: Incoming): Response {
  const { brand, basePath } = state.configuration
  const browserId = browserIdOf(state, incoming.request)
  const own = [...state.interactions.values()].filter((known) => known.browserId === browserId)
  const last = findInteraction(state, incoming, own.at(-1)?.id ?? null)
  const content = last
    ? `<form method="post" action="${escapeHtml(basePath)}/login">
${hiddenFields({ interaction: last.id })}
<button class="main" name="action" value="back">Back to the login page</button>
</form>`
    : '<p>Go back to the app and log in again.</p>'
  const problem = 'This answer belongs to no login that was begun in this browser, or came twice'
  return errorPage(problem, { brand, content })
}

/**
 * Where a provider sends the browser back to: makes or updates the user, resets the session, and
 * answers the app's request; or shows the login page and says what went wrong.
 */
export async function federationCallback(
  state: ServerState,
  incoming: Incoming,
): Promise<Response> {
  const { parameters } = incoming
  const sent = parameters.get('state')
  const asking = [...state.interactions.values()].find(
    ({ providerLogin }) => providerLogin !== undefined && providerLogin.state === sent,
  )
  const interaction = findInteraction(state, incoming, asking?.id ?? null)
  const login = interaction?.providerLogin
  if (!interaction || !login) return unexpected(state, incoming)
  interaction.providerLogin = undefined
  const { provider } = login
  const answer = await readAnswer(state, parameters, login)
  if (typeof answer === 'string') {
    return loginPage(state, { interaction, problem: problems[answer](provider.name) })
  }
  const user = federatedUser(state, provider, answer)
  const how = federatedLogin(state, provider, answer)
  return afterFirstFactor(state, incoming, { interaction, first: { user, how } })
}
