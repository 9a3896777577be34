import { takeFault } from '../faults/active-faults.ts'
import { randomToken } from '../server/encoding.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { readProof } from './dpop-proof.ts'
import { refuse, type AuthorizationError } from './oauth-error.ts'

/** How long a nonce is taken. */
const nonceMs = 300_000
/** Longer than a proof is good for, so that none comes twice. */
const proofMs = 300_000

/**
 * Checks what comes with a request: the thumbprint of its key, none where there is no proof, or
 * what is wrong.
 */
export async function checkDpop(
  state: ServerState,
  { endpoint, request }: Incoming,
  accessToken?: string,
): Promise<{ readonly jkt?: string } | AuthorizationError> {
  const now = state.now()
  const token = accessToken === undefined ? {} : { accessToken }
  const proof = await readProof({ request, now, ...token })
  if (!proof) return {}
  if ('problem' in proof) return refuse('invalid_dpop_proof', `the proof: ${proof.problem}`)
  const { jkt, jti, nonce } = proof
  const isNonceRefused = takeFault(state, endpoint, 'dpopNonceRefused') !== undefined
  const issuedAt = state.nonces.get(`${endpoint} ${nonce}`)
  const isNonceGood = issuedAt !== undefined && now - issuedAt < nonceMs
  if (isNonceRefused || (state.configuration.dpopNonces && !isNonceGood)) {
    return refuse('use_dpop_nonce', 'the proof needs the nonce of this server')
  }
  const usedAt = state.proofs.get(`${jkt} ${jti}`)
  if (usedAt !== undefined && now - usedAt < proofMs) {
    return refuse('invalid_dpop_proof', 'the proof came before')
  }
  state.proofs.set(`${jkt} ${jti}`, now)
  return { jkt }
}

/** Puts a new nonce on an answer, where the server has any; those of two endpoints differ. */
export function withNonce(
  state: ServerState,
  { endpoint, request }: Incoming,
  response: Response,
  isAsked: boolean,
): Response {
  const isWanted = request.headers.has('dpop') && (state.configuration.dpopNonces || isAsked)
  if (!isWanted) return response
  const nonce = randomToken()
  state.nonces.set(`${endpoint} ${nonce}`, state.now())
  response.headers.set('dpop-nonce', nonce)
  return response
}
