import {
  authorizationResponse,
  sendAuthorizationResponse,
} from '../endpoints/authorization-response.ts'
import { beginFederation } from '../federation/federation.ts'
import type { FirstFactor, Interaction } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { findSession, raiseSession, startSession } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { findInteraction } from './begin-interaction.ts'
import { afterFirstFactor, finishInteraction } from './finish-interaction.ts'
import { errorPage } from './html-page.ts'
import { loginPage } from './login-page.ts'
import { secondFactorPage } from './second-factor-page.ts'
import { isSecondFactorMissing, withSecondFactor } from './second-factor.ts'

type Action = (state: ServerState, incoming: Incoming, interaction: Interaction) => Response

const showLogin: Action = (state, _incoming, interaction) => {
  interaction.firstFactor = undefined
  return loginPage(state, { interaction })
}

const cancel: Action = (state, incoming, interaction) => {
  const { request } = interaction
  if (!request) return showLogin(state, incoming, interaction)
  state.interactions.delete(interaction.id)
  const error = { error: 'access_denied', description: 'The user went back' }
  return sendAuthorizationResponse(state, authorizationResponse(state, request, error))
}

const sessionOver = 'You are no longer logged in.'

const confirm: Action = (state, incoming, interaction) => {
  const session = findSession(state, incoming.request)
  if (!session || session.id !== interaction.sessionId) {
    return loginPage(state, { interaction, problem: sessionOver })
  }
  const { user } = session
  if (isSecondFactorMissing(state, { user, how: session }, interaction.request)) {
    const first = { user, how: session, sessionId: session.id }
    interaction.firstFactor = first
    return secondFactorPage(state, { interaction, first })
  }
  return finishInteraction(state, interaction, session)
}

const logIn: Action = (state, incoming, interaction) => {
  const { parameters } = incoming
  const username = parameters.get('username') ?? ''
  const user = state.users.find((known) => known.username === username)
  if (!user || user.password !== parameters.get('password')) {
    const problem = 'The user name or the password is wrong.'
    return loginPage(state, { interaction, username, problem, isTyped: true })
  }
  return afterFirstFactor(state, incoming, { interaction, first: { user, how: { amr: ['pwd'] } } })
}

const maxWrongCodes = 5

function refuseCode(state: ServerState, interaction: Interaction, first: FirstFactor): Response {
  interaction.wrongCodes += 1
  const left = maxWrongCodes - interaction.wrongCodes
  if (left > 0) {
    const problem = `This code is wrong. ${left === 1 ? 'One try is' : `${left} tries are`} left.`
    return secondFactorPage(state, { interaction, first, problem })
  }
  interaction.firstFactor = undefined
  interaction.wrongCodes = 0
  const problem = 'Too many wrong codes: log in again.'
  return loginPage(state, { interaction, username: first.user.username, problem })
}

const checkCode: Action = (state, incoming, interaction) => {
  const first = interaction.firstFactor
  if (!first) return showLogin(state, incoming, interaction)
  const code = incoming.parameters.get('otp')?.replaceAll(' ', '')
  if (code !== first.user.oneTimeCode) return refuseCode(state, interaction, first)
  const previous = findSession(state, incoming.request)
  const how = withSecondFactor(first.how, state.now())
  if (first.sessionId === undefined) {
    return finishInteraction(
      state,
      interaction,
      startSession(state, first.user, { ...how, previous }),
    )
  }
  interaction.firstFactor = undefined
  if (!previous || previous.id !== first.sessionId) {
    return loginPage(state, { interaction, problem: sessionOver })
  }
  const { amr = [], secondFactorAt = state.now() } = how
  return finishInteraction(
    state,
    interaction,
    raiseSession(state, previous, { amr, secondFactorAt }),
  )
}

const actions: ReadonlyMap<string | null, Action> = new Map([
  ['cancel', cancel],
  ['continue', confirm],
  ['secondFactor', checkCode],
  ['back', showLogin],
])

/** Where the pages send their forms: answers what the user was asked for, or shows a page again. */
export async function login(state: ServerState, incoming: Incoming): Promise<Response> {
  const { parameters } = incoming
  const interaction = findInteraction(state, incoming, parameters.get('interaction'))
  if (!interaction) {
    const problem = 'This page is too old or was opened in another browser: please start again'
    return errorPage(problem, { brand: state.configuration.brand })
  }
  const provider = parameters.get('provider')
  if (provider !== null) return beginFederation(state, interaction, provider)
  return (actions.get(parameters.get('action')) ?? logIn)(state, incoming, interaction)
}
