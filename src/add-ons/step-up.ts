import { waitFor } from '../browser/single-flight.ts'
import type { AuthClient } from '../client/auth-client.ts'
import type { LoginOptions } from '../client/call-options.ts'
import { findContext } from '../client/context.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import { readChallenges } from '../protocol/www-authenticate.ts'
import type { TargetOptions } from '../protocol/target.ts'

/**
 * Has the user authenticate as an API asks for.
 *
 * @param login what a login has to be called with: `acrValues`, `maxAge`, and the scope, audience
 *   and resource of the call. Both are enforced when the login comes back
 */
export type OnStepUp = (login: LoginOptions) => unknown

/** What an API asks of the authentication of the user. */
export type StepUpChallenge = Pick<LoginOptions, 'acrValues' | 'maxAge'>

/** What a call asks for. Its members are its own. */
type Call = Readonly<Pick<TargetOptions, keyof TargetOptions>>

export interface StepUp {
  /** The token that a step-up without the user has brought, while it is good. */
  find(): Promise<string | undefined>
  /**
   * A token for the challenge: without the user where the server's session is good enough, else by
   * the app's `onStepUp`. Calls that meet the same challenge share one.
   *
   * @param refused the token that met it
   * @throws AuthError what a login or a renewal throws
   */
  answer(challenge: StepUpChallenge, refused: string, signal: AbortSignal): Promise<string>
  /** An API refuses this token for something else: what a step-up has brought is not good any more. */
  forget(refused: string): void
}

const ERROR = 'insufficient_user_authentication'

/**
 * The challenge of a response to step up.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470#section-3 RFC 9470, section 3}
 */
export function readStepUpChallenge(response: Response): StepUpChallenge | undefined {
  if (response.status !== 401) return undefined
  const challenge = readChallenges(response).find(({ parameters }) => parameters['error'] === ERROR)
  if (!challenge) return undefined
  const { acr_values = '', max_age = '' } = challenge.parameters
  return {
    ...(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(acr_values) && { acrValues: acr_values }),
    ...(/^\d{1,9}$/.test(max_age) && { maxAge: Number(max_age) }),
  }
}

/** What an API that is not content with what it asked for comes to. */
export function createStepUpError(): AuthError {
  return new AuthError('interaction_required', { reason: ERROR, status: 401 })
}

export function createStepUp(auth: AuthClient<object>, target: Call, onStepUp: OnStepUp): StepUp {
  interface Outcome {
    readonly token: string
    /** What finds the token in the cache. */
    readonly call: Call
  }
  const flights = new Map<string, Promise<Outcome>>()
  let last: (Outcome & { readonly key: string }) | undefined

  const findInCache = async (call: Call): Promise<string | undefined> =>
    auth.getTokenSilently({ ...call, cacheMode: 'cache-only' })

  const loginOf = (): unknown => findContext(auth)?.owner.loggedInAt

  async function obtain({ acrValues, maxAge }: StepUpChallenge, refused: string): Promise<Outcome> {
    const authorizationParams = {
      ...target.authorizationParams,
      ...(acrValues && { acr_values: acrValues }),
      ...(maxAge !== undefined && { max_age: maxAge }),
    }
    const call = { ...target, authorizationParams }
    try {
      // For 0 the server has to ask the user.
      if (maxAge !== 0) {
        return {
          call,
          token: await auth.getTokenSilently({
            ...call,
            cacheMode: 'off',
            onLoginRequired: 'throw',
          }),
        }
      }
    } catch (error) {
      if (!isUpToUser(error)) throw error
    }
    const before = loginOf()
    await onStepUp({
      ...target,
      ...(acrValues && { acrValues }),
      ...(maxAge !== undefined && { maxAge }),
    })
    const wanted = { ...target, detailed: false } as const
    const token = await auth.getTokenSilently(wanted)
    // The token of a login is kept for its scope and audience: one that is there for parameters, or
    // for more scopes, may be found before it.
    const isOld = token === refused && loginOf() !== before
    return {
      call: target,
      token: isOld ? await auth.getTokenSilently({ ...wanted, cacheMode: 'off' }) : token,
    }
  }

  return {
    find: async () => (last && last.call !== target ? findInCache(last.call) : undefined),
    forget(refused) {
      if (last?.token === refused) last = undefined
    },
    async answer(challenge, refused, signal) {
      const key = JSON.stringify([challenge.acrValues, challenge.maxAge])
      // An answer that came late: another call has met the challenge, and is through with it.
      if (last?.key === key && last.token !== refused) {
        const found = await findInCache(last.call)
        if (found === last.token) return found
      }
      let flight = flights.get(key)
      if (!flight) {
        flight = obtain(challenge, refused).finally(() => flights.delete(key))
        flights.set(key, flight)
      }
      const outcome = await waitFor(flight, { signal, timeoutMs: undefined })
      last = { ...outcome, key }
      if (outcome.token === refused) throw createStepUpError()
      return outcome.token
    },
  }
}

/**
 * Whether only the user can go on: the server says so, cannot be asked in a frame, or has answered
 * with the weaker or older authentication that there is, as it may (OpenID Connect Core, section
 * 5.5.1.1).
 */
function isUpToUser(error: unknown): boolean {
  if (!isAuthError(error)) return false
  const { code, reason = '' } = error
  const isTooWeak = code === 'id_token_invalid' && /^(acr|auth_time)$/.test(reason)
  return isTooWeak || needsLogin(error) || code.startsWith('silent_')
}
