import type { SeenRequest } from '../server/records.ts'
import type { AuthorizationServerControl } from './control.ts'

/** Parameters with which somebody could log in, or go on as a user. */
const secretParameters = [
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'confirmation',
  'id_token_hint',
  'interaction',
  'nonce',
  'refresh_token',
  'request',
  'request_uri',
  'state',
  'subject_token',
  'token',
]

const secretHeaders = ['authorization', 'cookie', 'dpop']

const HIDDEN = '(hidden)'

/** A name that is no name is a body of another kind, which may hold anything. */
const readableName = (name: string) => (/^[\w.:-]{1,64}$/.test(name) ? name : HIDDEN)

const readableValue = (name: string, value: string) =>
  secretParameters.includes(name) ? HIDDEN : value

function readable(text: string): string {
  const parameters = [...new URLSearchParams(text)]
  return new URLSearchParams(
    parameters.map(([name, value]) => [readableName(name), readableValue(name, value)]),
  ).toString()
}

function readableHeader(name: string, value: string): string {
  if (secretHeaders.includes(name)) return HIDDEN
  return name === 'referer' ? value.replace(/[?#].*/, '') : value
}

const mapped = (
  members: Readonly<Record<string, string>>,
  change: (name: string, value: string) => string,
) => Object.entries(members).map(([name, value]) => [name, change(name, value)] as const)

/** A request without tokens, codes and what else is worth stealing. */
function redact(seen: SeenRequest): SeenRequest {
  const parameters = mapped(seen.parameters, readableValue)
  return {
    ...seen,
    query: seen.query && `?${readable(seen.query)}`,
    body: readable(seen.body),
    names: seen.names.map(readableName),
    parameters: Object.fromEntries(parameters.map(([name, value]) => [readableName(name), value])),
    headers: Object.fromEntries(mapped(seen.headers, readableHeader)),
  }
}

/** The control as it is over HTTP: what it tells of requests is fit for a screen. */
export function withoutSecrets(control: AuthorizationServerControl): AuthorizationServerControl {
  return {
    ...control,
    requests: (filter) => control.requests(filter).map(redact),
    snapshot() {
      const { requests, ...snapshot } = control.snapshot()
      return { ...snapshot, requests: requests.map(redact) }
    },
  }
}
