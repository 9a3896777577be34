import { readChallenges } from '../protocol/www-authenticate.ts'
import type { KeyHolder, ProofHeaders, ProofOfPossession } from '../protocol/proof-of-possession.ts'
import type { ServerClock } from '../protocol/server-clock.ts'
import { ownFields, ownJson } from '../protocol/without-prototype.ts'
import { hashToken } from './proof-key.ts'

/** Servers and APIs whose nonces are kept. */
const MAX_NONCES = 100
/** No error of a server is longer. */
const MAX_ERROR_BYTES = 65_536

/**
 * Makes what sends requests with proofs. Each has one of its own; the nonces of the authorization
 * server and of every API are kept apart, and the last one is used.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-8 RFC 9449, section 8}
 */
export function createProofSender(keys: KeyHolder, clock: ServerClock): ProofOfPossession['send'] {
  const nonces = new Map<string, string>()

  function remember(place: string, nonce: string): void {
    nonces.delete(place)
    nonces.set(place, nonce)
    if (nonces.size > MAX_NONCES) nonces.delete(nonces.keys().next().value!)
  }

  return async (attempt, { method, url, accessToken, isRepeatable }) => {
    const { origin, pathname } = new URL(url)
    const place = `${accessToken === undefined ? 'grant' : 'token'} ${origin}`
    const ath = accessToken === undefined ? accessToken : await hashToken(accessToken)

    async function sendOnce(): Promise<Response> {
      const key = keys.current ?? (await keys.load())
      const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: origin + pathname,
        iat: Math.floor(Date.now() / 1000 + clock.offsetSeconds),
        nonce: nonces.get(place),
        ath,
      }
      const proof = ['dpop', await keys.prove(key, claims)] as const
      const headers: ProofHeaders =
        accessToken === undefined ? [proof] : [['authorization', `DPoP ${accessToken}`], proof]
      const response = await attempt(headers)
      const nonce = response.headers.get('dpop-nonce')
      if (nonce) remember(place, nonce)
      return response
    }

    const response = await sendOnce()
    // Only what the server has refused for its nonce is sent again, and only once: of anything else
    // a code or a refresh token may be used up.
    const isAsked = response.headers.has('dpop-nonce') && (await asksForNonce(response, ath))
    if (!isAsked || !isRepeatable) return response
    response.body?.cancel().catch(() => {})
    return sendOnce()
  }
}

const USE_NONCE = 'use_dpop_nonce'

/** The authorization server says it in the body, an API in the challenge. */
async function asksForNonce(response: Response, ath: string | undefined): Promise<boolean> {
  const { status } = response
  if (ath !== undefined)
    return (
      status === 401 &&
      readChallenges(response).some(
        ({ scheme, parameters }) => scheme === 'dpop' && parameters['error'] === USE_NONCE,
      )
    )
  if (status !== 400 && status !== 401) return false
  return ownJson(await readShort(response.clone()))['error'] === USE_NONCE
}

/** A body as long as an error may be; nothing of a longer one. */
async function readShort({ body }: Response): Promise<string> {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  const stream: TextDecodeOptions = ownFields({ stream: true })
  let text = ''
  let size = 0
  for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
    size += part.value.length
    text += decoder.decode(part.value, stream)
    if (size <= MAX_ERROR_BYTES) continue
    reader!.cancel().catch(() => {})
    return ''
  }
  return text
}
