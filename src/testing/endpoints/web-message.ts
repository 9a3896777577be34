import { takeFault, takeFaults } from '../faults/active-faults.ts'
import type { FaultNamed, WebMessageVariant } from '../faults/faults.ts'
import { scriptSafeJson, type JsonValue } from '../server/encoding.ts'
import type { ServerState } from '../server/state.ts'
import type { Destination } from './authorization-request.ts'

/** The members of an authorization response. */
export type ResponseMembers = Readonly<Record<string, JsonValue>>

/** What the page of a message mode does. */
export interface MessagePlan {
  readonly messages: readonly JsonValue[]
  /** The origin of the redirect URI: nobody else can read the messages. */
  readonly targetOrigin: string
  readonly delayMs: number
  readonly navigateTo?: string
}

interface Wording {
  readonly response: ResponseMembers
  readonly fault: FaultNamed<'webMessage'>
}

type Variant = (plan: MessagePlan, wording: Wording) => MessagePlan

const garbage: readonly JsonValue[] = [
  'webpackHotUpdate',
  null,
  42,
  [],
  { type: 'analytics', response: null },
]

const authorizationMessage = (response: ResponseMembers): JsonValue => ({
  type: 'authorization_response',
  response,
})

const variants: Readonly<Record<WebMessageVariant, Variant>> = {
  flat: (plan, { response: { iss: _iss, ...members } }) => ({ ...plan, messages: [members] }),
  flatWithType: (plan, { response: { iss: _iss, ...members } }) => ({
    ...plan,
    messages: [{ type: 'authorization_response', ...members }],
  }),
  wrongState: (plan, { response }) => ({
    ...plan,
    messages: [authorizationMessage({ ...response, state: 'not-the-state' })],
  }),
  relayRequest: (plan) => ({ ...plan, messages: [{ type: 'relay_request' }] }),
  twice: (plan) => ({ ...plan, messages: [...plan.messages, ...plan.messages] }),
  late: (plan, { fault: { ms = 0 } }) => ({ ...plan, delayMs: ms }),
  none: (plan) => ({ ...plan, messages: [] }),
  garbageFirst: (plan) => ({ ...plan, messages: [...garbage, ...plan.messages] }),
  navigate: (plan, { fault: { location } }) => ({
    ...plan,
    messages: [],
    ...(location === undefined ? {} : { navigateTo: location }),
  }),
}

/** Plans the messages for a response, with the faults that change them. */
export function planMessages(
  state: ServerState,
  { redirectUri, responseMode }: Destination,
  response: ResponseMembers,
): MessagePlan {
  const { iss: _iss, ...flat } = response
  const message = responseMode === 'okta_post_message' ? flat : authorizationMessage(response)
  const targetOrigin = new URL(redirectUri).origin
  const plan: MessagePlan = { messages: [message], targetOrigin, delayMs: 0 }
  return takeFaults(state, 'authorize', 'webMessage').reduce(
    (changed, fault) => variants[fault.variant](changed, { response, fault }),
    plan,
  )
}

const script = (plan: MessagePlan) => `(() => {
  const plan = ${scriptSafeJson(plan)}
  const target = window.opener || window.parent
  const answer = () => {
    for (const message of plan.messages) target.postMessage(message, plan.targetOrigin)
    if (plan.navigateTo) location.replace(plan.navigateTo)
    else if (window.opener && plan.messages.length > 0) window.close()
  }
  if (plan.delayMs > 0) setTimeout(answer, plan.delayMs)
  else answer()
})()`

/**
 * The page that posts the response to the window that opened or embeds it; unlike the others it may
 * be framed. Its status is 200 for errors too: browsers print every other one in red.
 */
export function webMessagePage(state: ServerState, plan: MessagePlan): Response {
  const nonce = crypto.randomUUID()
  const ancestors = takeFault(state, 'authorize', 'frameAncestors')
  const options = takeFault(state, 'authorize', 'xFrameOptions')
  const status = takeFault(state, 'authorize', 'webMessageStatus')?.status ?? 200
  const csp = [`default-src 'none'`, `script-src 'nonce-${nonce}'`, `base-uri 'none'`]
  if (ancestors) csp.push(`frame-ancestors ${ancestors.value ?? `'none'`}`)
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': csp.join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  if (options) headers.set('x-frame-options', options.value ?? 'DENY')
  const html = `<!doctype html>
<meta charset="utf-8">
<title>Authorization response</title>
<script nonce="${nonce}">${script(plan)}</script>
`
  return new Response(html, { status, headers })
}
