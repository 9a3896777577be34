import { ownJson } from '../protocol/without-prototype.ts'
import type { SentAnswer } from './messages.ts'
import type { ServerAnswer } from './post-form.ts'

/** The members of an answer that a page has a use for. Whatever else a server says stays here. */
const MEMBERS =
  'access_token token_type expires_in scope id_token issued_token_type error error_description'.split(
    ' ',
  )
const HEADERS = ['content-type', 'dpop-nonce', 'retry-after']

/** An answer, taken apart. */
export interface Grant {
  /** The refresh token that it brings. */
  readonly token: string | undefined
  /** Whether the server has ended what was sent. */
  readonly isRefused: boolean
  /**
   * The answer as a page may have it.
   *
   * @param handle in the place of the refresh token
   */
  toAnswer(handle: string | undefined): SentAnswer
}

/**
 * Takes the refresh token out of an answer. Only members that are known go on to the page, none of
 * them with a refresh token in it; of what is no JSON nothing does.
 *
 * @param sent refresh tokens that were sent: an error may quote them
 */
export function readGrant({ status, headers, text }: ServerAnswer, sent: readonly string[]): Grant {
  const body = ownJson(text)
  const { refresh_token: found, error } = body
  const token = typeof found === 'string' && found && status < 300 ? found : undefined
  const secrets = [...sent, ...(typeof found === 'string' && found ? [found] : [])]
  // What is no text, number or truth value has no meaning here, and may hide anything.
  const isClean = (value: unknown): boolean =>
    /^(string|number|boolean)$/.test(typeof value) &&
    !secrets.some((secret) => String(value).includes(secret))
  return {
    token,
    isRefused: status >= 400 && status < 500 && error === 'invalid_grant',
    toAnswer(handle) {
      const members = MEMBERS.map((name) => [name, body[name]] as const).filter(([, value]) =>
        isClean(value),
      )
      const named = handle === undefined ? members : [...members, ['refresh_token', handle]]
      return {
        status,
        headers: HEADERS.map((name) => [name, headers.get(name) ?? ''] as const).filter(
          ([, value]) => value,
        ),
        text: named.length ? JSON.stringify(Object.fromEntries(named)) : '',
      }
    },
  }
}
