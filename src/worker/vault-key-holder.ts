import { AuthError } from '../errors.ts'
import type { KeepKey, KeyHolder, ProofKey } from '../protocol/proof-of-possession.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { VaultConnection } from './vault-connection.ts'

/** Keeps the key that tokens are bound to in the worker; in the page where there is no worker. */
export function createKeepKey({ ask, isReady }: VaultConnection): KeepKey {
  return (name, onChange, createOther) => {
    let current: ProofKey | undefined
    let other: KeyHolder | undefined
    /** Counts what was forgotten: a key that was asked for before does not come back after it. */
    let round = 0

    async function find(): Promise<ProofKey> {
      const isThere = await isReady()
      // It may hang or die in between, and nothing goes on without a key.
      const key = isThere && (await ask({ verb: 'key', key: name }).catch(() => undefined))
      if (key) return ownFields(key)
      other ??= createOther()
      return other.load()
    }

    return {
      get current() {
        return current
      },
      // The worker may end with the page that is left.
      isKept: false,
      async load() {
        const begun = round
        const key = await find()
        if (round !== begun) return key
        const isOther = current && current.jkt !== key.jkt
        current = key
        if (isOther) onChange()
        return key
      },
      async prove(key, claims) {
        if (other?.current?.jkt === key.jkt) return other.prove(other.current, claims)
        const request = { verb: 'prove', key: name, jkt: key.jkt, claims } as const
        const proof = await ask(request).catch(() => undefined)
        if (typeof proof === 'string') return proof
        // It has ended with the worker, and what is bound to it is of no use.
        if (current === key) current = undefined
        onChange()
        throw new AuthError('dpop_failed', { reason: 'key' })
      },
      async forget() {
        const forgotten = current
        round++
        current = undefined
        await other?.forget()
        // A page that begins with a logout has not looked at it.
        await ask({ verb: 'forget', key: name, jkt: forgotten?.jkt ?? '' }).catch(() => {})
      },
    }
  }
}
