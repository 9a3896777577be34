import { ownFields } from '../protocol/without-prototype.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The shapes in which servers post an authorization response: where its fields are, for a message
 * that has the shape. The drafts behind `web_message` are not finished, so a new server is a new
 * row.
 */
const SHAPES: readonly ((message: Fields) => unknown)[] = [
  // draft-sakimura-oauth-wmrm-01, section 2.2 (simple mode): Auth0, oidc-provider and most others.
  (message) => message['type'] === 'authorization_response' && message['response'],
  // The same, flat.
  (message) => message['type'] === 'authorization_response' && message,
]

/** Without anything that says what it is, so it counts only where it was asked for. */
const OKTA_SHAPE = (message: Fields): unknown =>
  !('type' in message) && Object.keys(message).some((name) => MARKS.test(name)) && message

const MARKS = /^(code|error|access_token|id_token)$/
/** What is taken over; the last ones only so that they are refused. */
const FIELDS =
  /^(code|state|iss|error|error_description|session_state|response|token|access_token|id_token)$/

/**
 * Reads an authorization response from the data of a message.
 *
 * @param flatIssuer for `okta_post_message`: the issuer whose origin was verified. It stands for
 *   the `iss` that the shape has no room for.
 * @returns undefined for anything else, whatever it is
 */
export function readWebMessage(data: unknown, flatIssuer?: string): URLSearchParams | undefined {
  const message = ownFields(data)
  const responses = (flatIssuer ? [OKTA_SHAPE] : SHAPES).map((shape) =>
    Object.entries(ownFields(shape(message))).filter(
      (field): field is [string, string] => FIELDS.test(field[0]) && typeof field[1] === 'string',
    ),
  )
  const fields = responses.find((found) => found.length)
  const response = fields && new URLSearchParams(fields)
  if (flatIssuer && response?.has('iss') === false) response.set('iss', flatIssuer)
  return response
}
