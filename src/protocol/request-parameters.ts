import { AuthError } from '../errors.ts'
import type { ExtraParameters } from './target.ts'
import { parseUrl } from './url.ts'

/** Parameters that only Sotto sets, or that have an option of their own. */
export const PROTOCOL_PARAMETERS: RegExp =
  /^(client_(id|secret)|response_(type|mode)|redirect_uri|scope|state|nonce|code_challenge.*|audience|resource|request|request_uri|dpop_jkt|web_message_.*)$/

/**
 * The app's extra parameters of an authorization request.
 *
 * @throws AuthError `config_invalid` for one that only the protocol may set
 */
export function checkAuthorizationParams(
  parameters?: ExtraParameters,
): Readonly<Record<string, string>> {
  return checkParameters('authorizationParams', parameters, PROTOCOL_PARAMETERS)
}

/**
 * Parameters of the app's own as text, in a new object: what someone put on `Object.prototype` does
 * not reach the server.
 *
 * @param option that they came in
 * @param refused names of others that are set in another way, or not at all
 * @throws AuthError `config_invalid`, with option and name as the reason
 */
export function checkParameters(
  option: string,
  parameters: ExtraParameters | undefined,
  ...refused: readonly RegExp[]
): Readonly<Record<string, string>> {
  if (!parameters) return {}
  const pairs = Object.entries(parameters).map(([name, value]) => {
    const text = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
    const isUnfit =
      text === undefined ||
      refused.some((names) => names.test(name)) ||
      (name === 'max_age' && !/^\d{1,9}$/.test(text))
    if (isUnfit) throw configInvalid(`${option}.${name}`)
    return [name, text] as const
  })
  return Object.fromEntries(pairs)
}

/**
 * Resource indicators, sorted: absolute URIs without a fragment.
 *
 * @throws AuthError `config_invalid`
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707, section 2}
 */
export function checkResource(resource: string | readonly string[] = []): readonly string[] {
  const resources = [resource].flat()
  if (
    resources.some((value) => typeof value !== 'string' || !parseUrl(value) || value.includes('#'))
  )
    throw configInvalid('resource')
  return resources.sort()
}

/**
 * A text of the app's, or none.
 *
 * @throws AuthError `config_invalid`
 */
export function checkText<Value extends string | undefined>(option: string, value: Value): Value {
  if (value !== undefined && typeof value !== 'string') throw configInvalid(option)
  return value
}

/**
 * The developer's mistake, by the name of the option.
 *
 * @param hint one more sentence of the message
 */
export function configInvalid(option: string, hint?: string): AuthError {
  return new AuthError('config_invalid', { reason: option }, hint)
}

/** Whether a timer of a browser can take it, in milliseconds or seconds. */
export function isDuration(value: number): boolean {
  return Number.isFinite(value) && value >= 0 && value < 2 ** 31
}
