import { ownFields } from '../own-fields.ts'

/**
 * The shapes in which servers post an authorization response. The drafts behind `web_message` are not finished, so a new
 * server is a new row.
 */
const SHAPES: readonly ((data: Readonly<Record<string, unknown>>) => unknown)[] = [
  // draft-sakimura-oauth-wmrm-01, section 2.2 (simple mode): Auth0, oidc-provider and most others.
  (data) => data['response'],
  // The same, flat.
  (data) => data,
]

/** What is taken over; the last ones only so that they are refused. */
const FIELDS = /^(code|state|iss|error|response|token|access_token|id_token)$/

/**
 * Reads an authorization response from the data of a message.
 *
 * @returns undefined for anything else, whatever it is
 */
export function readWebMessage(data: unknown): URLSearchParams | undefined {
  const message = ownFields(data)
  if (message['type'] !== 'authorization_response') return undefined
  return SHAPES.map((shape) =>
    Object.entries(ownFields(shape(message))).filter(
      (field): field is [string, string] => FIELDS.test(field[0]) && typeof field[1] === 'string',
    ),
  )
    .filter((fields) => fields.length)
    .map((fields) => new URLSearchParams(fields))[0]
}
