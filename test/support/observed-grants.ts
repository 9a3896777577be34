import { codeVerifier, parseJwt } from '../testing/support.ts'
import { inPart, readError, readHead, relative, type Observations } from './observed-answer.ts'

export const APP = 'http://localhost:3000'
export const REDIRECT_URI = `${APP}/callback`

/** Sends a token request of the app. */
export type Post = (parameters: Readonly<Record<string, string>>) => Promise<Response>

export const byCode = (code: string) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: REDIRECT_URI,
  code_verifier: codeVerifier,
})

const byRefresh = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token })

/** Sends a code and the refresh tokens that come of it, and each once more. */
export async function observeGrants(
  code: string,
  post: Post,
  issuer: string,
): Promise<Observations> {
  const exchanged = await post(byCode(code))
  const first = await readRefreshToken(exchanged)
  const refreshed = await post(byRefresh(first))
  const second = await readRefreshToken(refreshed)
  return {
    ...inPart('token', await readTokens(exchanged, issuer)),
    ...inPart('refresh', await readTokens(refreshed, issuer)),
    'refresh: is rotated': first !== second,
    ...inPart('refresh with a spent token', await readError(await post(byRefresh(first)))),
    ...inPart('refresh after that', await readError(await post(byRefresh(second)))),
    ...inPart('refresh with an unknown token', await readError(await post(byRefresh('any')))),
    ...inPart('token for a spent code', await readError(await post(byCode(code)))),
  }
}

async function readRefreshToken(response: Response): Promise<string> {
  const body = (await response.clone().json()) as { readonly refresh_token?: string }
  return body.refresh_token ?? ''
}

async function readTokens(response: Response, issuer: string): Promise<Observations> {
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  const { id_token, token_type, scope, ...others } = body
  const { header, claims } = parseJwt(String(id_token))
  const { iss, aud, nonce } = claims
  return {
    ...readHead(response),
    'other members': Object.keys(others).sort(),
    token_type,
    scope,
    iss: relative(iss, issuer),
    aud,
    nonce,
    'type of expires_in': typeof others['expires_in'],
    'header of the ID token': Object.keys(header).sort(),
    'claims of the ID token': Object.keys(claims).sort(),
  }
}
