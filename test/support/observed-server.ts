import { authorizationUrl } from '../testing/support.ts'
import { inPart, readError, readHead, relative, type Observations } from './observed-answer.ts'
import { APP, byCode, observeGrants, REDIRECT_URI } from './observed-grants.ts'
import { readPostedMessage } from './posted-message.ts'

/** An authorization server that listens, and a browser's session there. */
export interface ObservedServer {
  readonly issuer: string
  readonly cookie: string
}

const STRANGER = 'http://stranger.example'

/**
 * Goes through the exchanges of a login and a renewal, and writes down what this library, or the
 * browser for it, looks at.
 */
export async function observe({ issuer, cookie }: ObservedServer): Promise<Observations> {
  const get = (url: string, headers: Readonly<Record<string, string>> = { origin: APP }) =>
    fetch(url, { headers, redirect: 'manual' })
  const authorize = (changes: Readonly<Record<string, string>>, as = '') =>
    get(
      authorizationUrl({ redirect_uri: REDIRECT_URI, prompt: 'none', ...changes }, issuer),
      as === '' ? {} : { cookie: as },
    )
  const post = (parameters: Readonly<Record<string, string>>, origin = APP) =>
    fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({ client_id: 'app', ...parameters }),
    })
  const webMessage = { response_mode: 'web_message', scope: 'openid email offline_access' }
  const silent = await authorize(webMessage, cookie)
  const { code = '' } = (await readPostedMessage(silent.clone())).message.response
  const [discovery, keys] = await Promise.all(
    ['.well-known/openid-configuration', 'jwks'].map((path) => get(`${issuer}/${path}`)),
  )
  return {
    ...inPart('discovery', await readDiscovery(discovery!, issuer)),
    ...inPart('keys', await readKeys(keys!)),
    ...inPart('silent', await readMessage(silent, issuer)),
    ...inPart('silent without a session', await readMessage(await authorize(webMessage), issuer)),
    ...inPart('redirect', readRedirect(await authorize({}, cookie), issuer)),
    ...inPart('redirect without a session', readRedirect(await authorize({}), issuer)),
    ...inPart('unknown redirect URI', readHead(await authorize({ redirect_uri: `${APP}/other` }))),
    ...inPart('token for a stranger', await readError(await post(byCode('any'), STRANGER))),
    ...(await observeGrants(code, post, issuer)),
  }
}

/** The members that this library reads, or will. */
async function readDiscovery(response: Response, issuer: string): Promise<Observations> {
  const metadata = (await response.json()) as Readonly<Record<string, unknown>>
  const members: readonly (readonly [string, unknown])[] = [
    ...['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri', 'end_session_endpoint'],
    ...['response_modes_supported', 'code_challenge_methods_supported'],
    ...['id_token_signing_alg_values_supported', 'authorization_response_iss_parameter_supported'],
  ].map((name) => [name, relative(metadata[name], issuer)] as const)
  return { ...readHead(response), ...Object.fromEntries<unknown>(members) }
}

async function readKeys(response: Response): Promise<Observations> {
  const { keys } = (await response.json()) as { readonly keys: readonly object[] }
  const ofRsa = keys.find((key) => Object.values(key).includes('RSA')) ?? {}
  return { ...readHead(response), 'members of an RSA key': Object.keys(ofRsa).sort() }
}

async function readMessage(response: Response, issuer: string): Promise<Observations> {
  const { message, targetOrigin } = await readPostedMessage(response)
  const { response: answer, ...members } = message
  return {
    ...readHead(response),
    ...members,
    'target origin': new URL(targetOrigin).origin,
    response: shapeOfResponse(answer, issuer),
  }
}

function readRedirect(response: Response, issuer: string): Observations {
  const url = new URL(response.headers.get('location') ?? '')
  const parameters = shapeOfResponse(Object.fromEntries(url.searchParams), issuer)
  return { ...readHead(response), to: url.origin + url.pathname, parameters }
}

/** Words are free; what a client compares is not. */
function shapeOfResponse(response: Readonly<Record<string, string>>, issuer: string): object {
  const { code, error_description: description, ...rest } = response
  return {
    ...Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, relative(value, issuer)]),
    ),
    code: typeof code,
    error_description: typeof description,
  }
}
