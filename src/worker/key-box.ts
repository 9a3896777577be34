import { generateProofKey, signProof, type OwnProofKey } from '../dpop/proof-key.ts'
import type { ProofKey } from '../protocol/proof-of-possession.ts'

/** The keys that tokens are bound to, by name. A page is told the public part. */
export interface KeyBox {
  load(name: string): Promise<ProofKey>
  /** Makes a proof: nothing else is signed. Undefined where the key is another one by now. */
  prove(name: string, jkt: string, claims: object): Promise<string | undefined>
  /** @param jkt empty for whichever there is */
  forget(name: string, jkt: string): Promise<void>
}

/** One for each issuer and client. */
const MAX_KEYS = 32

export function createKeyBox(): KeyBox {
  const keys = new Map<string, Promise<OwnProofKey>>()

  return {
    async load(name) {
      const known = keys.get(name) ?? generateProofKey()
      keys.set(name, known)
      if (keys.size > MAX_KEYS) keys.delete(keys.keys().next().value!)
      const { jwk, jkt } = await known
      return { jwk, jkt }
    },
    async prove(name, jkt, claims) {
      const key = await keys.get(name)
      return key?.jkt === jkt ? signProof(key, claims) : undefined
    },
    async forget(name, jkt) {
      const key = await keys.get(name)
      if (!jkt || key?.jkt === jkt) keys.delete(name)
    },
  }
}
