import { cleanErrorValue } from '../../protocol/oauth-error.ts'
import { finding, type Finding } from '../finding.ts'
import { type Provider, wordsOf } from './provider.ts'

/** Not a code of anybody: no server has issued it. */
const BOGUS = 'sotto-diagnosis-is-not-a-code-and-not-a-verifier'

/**
 * The form of a token request that no server can grant. How it is refused tells whether the client
 * is a public one, and whether its answers may be read.
 */
export function bogusTokenRequest(clientId: string, redirectUri: string): URLSearchParams {
  return new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code: BOGUS,
    code_verifier: BOGUS,
  })
}

/** An answer of the token endpoint, as far as it is looked at. */
export interface TokenAnswer {
  readonly url: string
  readonly status: number
  readonly body: string
}

/** What the refusal of the bogus code says. */
export function checkTokenAnswer(
  { url, status, body }: TokenAnswer,
  provider: Provider | undefined,
): Finding {
  const { error, description } = readOAuthError(body)
  const evidence = { asked: url, status, error, error_description: description }
  const said = `${error ?? `the status ${status}`}${description ? ` (“${description}”)` : ''}`
  const make = (what: string, more: Partial<Finding> = {}): Finding =>
    finding('token_endpoint', what, { ...more, evidence })
  if (error === 'invalid_grant')
    return make(
      'The token endpoint takes this client without a secret (invalid_grant for a wrong code).',
    )
  if (status === 401 || error === 'invalid_client')
    return make(
      `The token endpoint says ${said}: it wants a secret, or does not know the client.`,
      {
        fix: `Check the client ID, and ${wordsOf(provider).publicClient}.`,
      },
    )
  if (error === 'unauthorized_client' || error === 'unsupported_grant_type')
    return make(
      `The token endpoint says ${said}: the client may not use the authorization code grant.`,
      {
        fix: 'Allow the client the grant type “authorization code” at the server.',
      },
    )
  if (error !== undefined)
    return make(`The token endpoint says ${said}, before it looked at the client.`, {
      level: 'hint',
      fix: `If a login fails there too: ${wordsOf(provider).publicClient}.`,
    })
  return make(`The token endpoint answers with ${said}, and no OAuth error.`, {
    fix:
      status === 429 || status >= 500
        ? 'Try again later, or ask whoever runs the server.'
        : 'Something else answers at this URL: compare the metadata with the server.',
  })
}

function readOAuthError(body: string): {
  readonly error: string | undefined
  readonly description: string | undefined
} {
  const text = (value: unknown, length: number): string | undefined =>
    typeof value === 'string' ? cleanErrorValue(value, length) : undefined
  try {
    const { error, error_description } = Object(JSON.parse(body)) as Readonly<
      Record<string, unknown>
    >
    return { error: text(error, 100), description: text(error_description, 300) }
  } catch {
    return { error: undefined, description: undefined }
  }
}
