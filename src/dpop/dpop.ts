import { AuthError } from '../errors.ts'
import type {
  KeyHolder,
  OpenableBinding,
  ProofOfPossession,
} from '../protocol/proof-of-possession.ts'
import type { TokenBinding } from '../protocol/token-binding.ts'
import { storageKey } from '../storage/storage.ts'
import { createKeyHolder } from './key-holder.ts'
import { createProofSender } from './proof-sender.ts'
import { proveRequests } from './prove-requests.ts'

/**
 * For the option `dpop`: binds access and refresh tokens to a key of this browser, so that a token
 * that is stolen is of no use elsewhere. The key is made by Web Crypto, cannot be exported, and is
 * kept in IndexedDB, one for all tabs; in the memory of the page where IndexedDB is refused; with
 * `workerVault()` in its worker. A logout forgets it.
 *
 * Authorization requests tie their code to the key (`dpop_jkt`), token requests and those of
 * `createAuthFetch` and `fetchUserInfo` prove its possession, and a nonce that a server asks for is
 * sent. A token that the server does not bind is refused (`dpop_downgrade`). Where the key is lost,
 * what is bound to it is dropped, and the session is renewed silently.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449 RFC 9449}
 * @example
 * ```ts
 * import { dpop } from 'sotto/dpop'
 *
 * createAuthClient({ issuer, clientId, redirectUri, dpop: dpop() })
 * ```
 */
export function dpop(): TokenBinding {
  const binding: OpenableBinding = {
    open(options, clock, onChange) {
      const { issuer, clientId, fetch, vault } = options
      const name = storageKey('dpop', issuer, clientId)
      const keys: KeyHolder =
        vault?.keepKey(name, onChange, () => createKeyHolder(name, () => {})) ??
        createKeyHolder(name, onChange)
      const send = createProofSender(keys, clock)
      const proof: ProofOfPossession = {
        jkt: () => keys.current?.jkt,
        async tie({ dpop_signing_alg_values_supported: supported }, kind) {
          if (supported && ![supported].flat().includes('ES256'))
            throw new AuthError('discovery_invalid', {
              reason: 'dpop_signing_alg_values_supported',
            })
          const { jkt } = await keys.load()
          // Of a silent request or a popup, the page that has begun it stays.
          return keys.isKept || /^(silent|popup)$/.test(kind) ? jkt : undefined
        },
        async ready(tiedTo) {
          const { jkt } = await keys.load()
          if (tiedTo !== undefined && tiedTo !== jkt)
            throw new AuthError('dpop_failed', { reason: 'key' })
        },
        checkType(tokenType) {
          if (!/^dpop$/i.test(tokenType)) throw new AuthError('dpop_downgrade')
          return 'DPoP'
        },
        send,
        forget: keys.forget,
      }
      return { ...options, dpop: proof, fetch: proveRequests(fetch, send) }
    },
  }
  return binding
}
