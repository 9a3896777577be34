import { fromBase64url } from '../server/encoding.ts'
import { isSignedBy } from '../server/keys.ts'
import type { ServerState } from '../server/state.ts'

/** Whose login an ID token is from. */
export interface HintedLogin {
  readonly sub: string
  /** The clients that it was issued to. */
  readonly audience: readonly string[]
  readonly sid?: string
}

interface Claims {
  readonly sub?: unknown
  readonly aud?: unknown
  readonly sid?: unknown
}

const decode = (part: string): unknown => JSON.parse(new TextDecoder().decode(fromBase64url(part)))

/**
 * Reads an `id_token_hint`: an ID token that this server made, however long ago; undefined for
 * anything else.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout RP-Initiated Logout 1.0, section 2}
 */
export async function readIdTokenHint(
  state: ServerState,
  idToken: string,
): Promise<HintedLogin | undefined> {
  const [header = '', payload = '', signature = ''] = idToken.split('.')
  try {
    const published = await state.keys.published()
    const isOurs = await isSignedBy(published, `${header}.${payload}`, fromBase64url(signature))
    const { sub, aud, sid } = decode(payload) as Claims
    if (!isOurs || typeof sub !== 'string') return undefined
    // An access token has the same signature (RFC 9068 section 2.1).
    if ((decode(header) as { readonly typ?: unknown }).typ === 'at+jwt') return undefined
    return { sub, audience: [aud].flat().map(String), ...(typeof sid === 'string' ? { sid } : {}) }
  } catch {
    return undefined
  }
}
