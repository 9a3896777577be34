import type { AuthorizationOptions } from '../authorization/begin-authorization.ts'
import { redirect } from '../authorization/redirect.ts'
import { AUTHORIZATION_RESPONSE_PARAMETERS } from '../protocol/authorization-response.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../protocol/callback-url.ts'
import {
  checkParameters,
  checkText,
  configInvalid,
  PROTOCOL_PARAMETERS,
} from '../protocol/request-parameters.ts'
import { stateTag } from '../protocol/transaction.ts'
import { checkReturnTo } from '../protocol/url.ts'
import type { ExtraParameters } from '../protocol/target.ts'
import type { LoginOptions } from './call-options.ts'
import { targetOf, type ClientContext } from './context.ts'

/** Sends the user to the authorization server. See `AuthClient.loginWithRedirect`. */
export async function loginWithRedirect(
  context: ClientContext,
  options: LoginOptions = {},
): Promise<void> {
  const { returnTo, signal } = options
  signal?.throwIfAborted()
  // Before anything is waited for. Where a browser does not tell, every login counts.
  const isCounted = !context.options.navigate && !navigator.userActivation?.hasBeenActive
  if (isCounted) context.redirects.check()
  await redirect(
    context,
    targetOf(context, options),
    {
      kind: 'login',
      responseMode: context.options.responseMode,
      returnTo: withoutResponse(context, checkReturnTo(returnTo ?? location.href)),
      ...checkLogin(options),
    },
    signal,
    isCounted,
  )
}

/**
 * What a person is asked for, besides the target, whatever window it is in.
 *
 * @throws AuthError `config_invalid`
 */
export function checkLogin({
  appState,
  maxAge,
  acrValues,
  sessionParams,
}: LoginOptions): Pick<
  AuthorizationOptions,
  'appState' | 'maxAge' | 'acrValues' | 'sessionParams'
> {
  if (maxAge !== undefined && !(Number.isInteger(maxAge) && maxAge >= 0))
    throw configInvalid('maxAge')
  return {
    ...(appState !== undefined && { appState: copyAppState(appState) }),
    ...(maxAge !== undefined && { maxAge }),
    ...(checkText('acrValues', acrValues) && { acrValues: acrValues! }),
    ...(sessionParams && { sessionParams: checkSessionParams(sessionParams) }),
  }
}

/** Parameters that belong to one request, and not to a session. */
const OF_ONE_REQUEST = /^(prompt|max_age|acr_values|id_token_hint)$/

function checkSessionParams(params: ExtraParameters): Readonly<Record<string, string>> {
  return checkParameters('sessionParams', params, PROTOCOL_PARAMETERS, OF_ONE_REQUEST)
}

/**
 * On a callback page that `start` has not seen yet, the response is not a part of the place to
 * return to.
 */
export function withoutResponse({ options }: ClientContext, address: string): string {
  const url = new URL(address)
  const tag = stateTag(options)
  return readCallbackUrl(url, (state) => state.startsWith(`${tag}.`))
    ? cleanCallbackUrl(url, (name) => AUTHORIZATION_RESPONSE_PARAMETERS.includes(name))
    : address
}

function copyAppState(appState: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(appState)) as unknown
  } catch {
    throw configInvalid('appState')
  }
}
