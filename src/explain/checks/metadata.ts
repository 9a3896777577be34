import { bareUrl } from '../../protocol/evidence.ts'
import { isSecureUrl } from '../../protocol/url.ts'
import { readSignatureAlgorithm } from '../../protocol/signature-algorithm.ts'
import { chooseResponseMode } from '../../protocol/silent-response-mode.ts'
import { isTemplate } from '../../protocol/issuer.ts'
import { finding, type Finding } from '../finding.ts'
import { type Provider, wordsOf } from './provider.ts'

/** A metadata document, as it came. */
export type Metadata = Readonly<Record<string, unknown>>

export interface MetadataOptions {
  readonly issuer: string
  readonly scope: string
  readonly provider: Provider | undefined
  /** Whether the client pushes its requests; undefined where that is not known. */
  readonly pushesRequests?: boolean
}

/**
 * Where the metadata are.
 *
 * @param url where the request ended: a client follows no redirect to another origin
 */
export function checkDiscovered(asked: string, url: string): Finding {
  const evidence = { asked: bareUrl(asked) }
  if (new URL(url).origin === new URL(asked).origin)
    return finding('discovery', `The metadata are at ${evidence.asked}.`, { evidence })
  const ledTo = bareUrl(url)
  return finding('discovery', `${evidence.asked} leads to another origin: ${ledTo}.`, {
    fix: `A client does not follow. Pass metadata: "${ledTo}".`,
    evidence: { ...evidence, ledTo },
  })
}

/** What the metadata of a server say about it. */
export function checkMetadata(metadata: Metadata, options: MetadataOptions): readonly Finding[] {
  return [
    checkIssuer(metadata, options),
    checkEndpoints(metadata),
    checkPkce(metadata),
    ...checkPushedRequests(metadata, options),
    checkAlgorithms(metadata, options),
    ...checkScope(metadata, options),
    checkSilentMode(metadata, options),
    checkEndSession(metadata),
  ]
}

const listOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined

/** RFC 8414, section 3.3: the very same string. */
function checkIssuer(metadata: Metadata, { issuer }: MetadataOptions): Finding {
  const got = metadata['issuer']
  const evidence = {
    expected: issuer,
    got: typeof got === 'string' ? got.slice(0, 300) : typeof got,
  }
  if (got === issuer)
    return finding('issuer', `The metadata name the issuer as you do: ${issuer}.`, { evidence })
  if (typeof got !== 'string')
    return finding('issuer', 'The metadata name no issuer.', {
      fix: 'Something else answers at this URL: compare it with the server’s documentation.',
      evidence,
    })
  const what = `The issuer is "${issuer}", and the metadata say "${evidence.got}".`
  const fix = isTemplate(issuer)
    ? 'Copy the template from the metadata, character for character.'
    : `If that is your server, set issuer to "${evidence.got}".`
  return finding('issuer', what, { fix, evidence })
}

function checkEndpoints(metadata: Metadata): Finding {
  const names = ['authorization_endpoint', 'token_endpoint', 'jwks_uri']
  const unfit = names.filter((name) => !isSecureUrl(metadata[name]))
  if (!unfit.length) return finding('endpoints', 'The endpoints are there, and secure.')
  const evidence = Object.fromEntries(unfit.map((name) => [name, String(metadata[name])]))
  return finding('endpoints', `Missing in the metadata, or not https: ${unfit.join(', ')}.`, {
    fix: 'Tell the server its public https URL (behind a proxy: X-Forwarded-Proto, or a setting for the host name).',
    evidence,
  })
}

function checkPkce(metadata: Metadata): Finding {
  const methods = listOf(metadata['code_challenge_methods_supported'])
  const evidence = { code_challenge_methods_supported: methods }
  if (!methods)
    return finding('pkce', 'The metadata do not say whether PKCE is supported; most servers do.', {
      level: 'hint',
    })
  if (methods.includes('S256')) return finding('pkce', 'PKCE with S256 is supported.', { evidence })
  return finding(
    'pkce',
    `PKCE with S256 is not supported, only: ${methods.join(', ') || 'nothing'}.`,
    {
      fix: 'Switch S256 on at the server: without it a public client is not safe.',
      evidence,
    },
  )
}

/** RFC 9126, section 5. */
function checkPushedRequests(
  metadata: Metadata,
  { pushesRequests }: MetadataOptions,
): readonly Finding[] {
  if (metadata['require_pushed_authorization_requests'] !== true) return []
  if (pushesRequests)
    return [finding('pushed_requests', 'The server takes pushed requests only: yours are.')]
  return [
    finding('pushed_requests', 'The server takes pushed authorization requests only (RFC 9126).', {
      ...(pushesRequests === undefined && { level: 'hint' }),
      fix: 'Pass par: pushedAuthorizationRequest().',
    }),
  ]
}

function checkAlgorithms(metadata: Metadata, { provider }: MetadataOptions): Finding {
  const algorithms = listOf(metadata['id_token_signing_alg_values_supported'])
  const evidence = { id_token_signing_alg_values_supported: algorithms }
  if (!algorithms)
    return finding(
      'algorithms',
      'The metadata do not say how ID tokens are signed; RS256 is taken.',
      {
        level: 'hint',
      },
    )
  const usable = algorithms.filter(readSignatureAlgorithm)
  if (!usable.length)
    return finding(
      'algorithms',
      `ID tokens are signed with ${algorithms.join(', ') || 'nothing'} only.`,
      {
        fix: `Choose RS256 or ES256 at the server (${wordsOf(provider).signing}). HS256 needs a secret, which a page cannot keep.`,
        evidence,
      },
    )
  return finding('algorithms', `ID tokens can be checked: ${usable.join(', ')}.`, { evidence })
}

function checkScope(metadata: Metadata, { scope }: MetadataOptions): readonly Finding[] {
  const supported = listOf(metadata['scopes_supported'])
  if (!supported) return []
  const missing = scope.split(' ').filter((one) => one && !supported.includes(one))
  if (!missing.length) return [finding('scope', `The scopes are known: ${scope}.`)]
  // The list need not be complete (RFC 8414, section 2), so it proves nothing.
  return [
    finding('scope', `The metadata do not list the scopes ${missing.join(', ')}.`, {
      level: 'hint',
      fix: 'Servers need not list all of them. If a login fails with invalid_scope, leave them out.',
      evidence: { scopes_supported: supported },
    }),
  ]
}

function checkSilentMode(metadata: Metadata, { provider }: MetadataOptions): Finding {
  const modes = listOf(metadata['response_modes_supported'])
  const evidence = { response_modes_supported: modes }
  const level = 'hint'
  const mode = chooseResponseMode(modes ? { response_modes_supported: [...modes] } : {})
  if (modes?.includes('okta_post_message') && mode !== 'web_message')
    return finding('silent_mode', 'The server answers hidden frames by okta_post_message.', {
      level,
      fix: "Pass renewal: [silentIframe({ responseMode: 'okta_post_message' })].",
      evidence,
    })
  if (provider?.name === 'Auth0' && mode !== 'web_message')
    return finding(
      'silent_mode',
      'Auth0 answers hidden frames by web_message, though it is not listed.',
      {
        level,
        fix: "Pass renewal: [silentIframe({ responseMode: 'web_message' })].",
        evidence,
      },
    )
  const how = mode === 'web_message' ? 'a message' : `a redirect of the frame to the redirect URI`
  return finding('silent_mode', `Hidden frames are answered by ${how} (${mode}).`, { evidence })
}

function checkEndSession(metadata: Metadata): Finding {
  if (isSecureUrl(metadata['end_session_endpoint']))
    return finding('end_session', 'logout() ends the session at the server too.')
  return finding('end_session', 'The metadata name no end_session_endpoint that can be used.', {
    level: 'hint',
    fix: 'logout() signs out here only. Where the server has a logout page of its own, link to it.',
  })
}
