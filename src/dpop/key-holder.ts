import { waitFor } from '../browser/single-flight.ts'
import type { KeyHolder } from '../protocol/proof-of-possession.ts'
import { createIndexedDbStore } from '../storage/indexed-db-store.ts'
import { generateProofKey, readProofKey, signProof, type OwnProofKey } from './proof-key.ts'

/** Longer than any IndexedDB that works takes. */
const WAIT_MS = 2000

/**
 * Keeps a key in IndexedDB.
 *
 * @param name of the stored key
 * @param onChange called where another tab has put another key into the place of this page's
 */
export function createKeyHolder(name: string, onChange: () => void): KeyHolder<OwnProofKey> {
  const store = createIndexedDbStore('sotto-keys', 'keys')
  let current: OwnProofKey | undefined
  let isKept = true
  let loading: Promise<OwnProofKey> | undefined
  /** Counts what was forgotten: a key that was read before does not come back after it. */
  let round = 0

  /** Asks the storage, until it refuses or hangs: then the key stays in this page. */
  async function ask<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    if (!isKept) return undefined
    try {
      return await waitFor(work(), { signal: undefined, timeoutMs: WAIT_MS })
    } catch {
      isKept = false
      return undefined
    }
  }

  async function find(): Promise<OwnProofKey> {
    const begun = round
    const stored = readProofKey(await ask(() => store.get(name)))
    let key = stored ?? current ?? (await generateProofKey())
    // One transaction: of tabs that begin at once, the first one's key is that of all.
    if (!stored)
      await ask(() =>
        store.update!(name, (there) => {
          const other = readProofKey(there)
          if (other) key = other
          return other ? there : key
        }),
      )
    if (round !== begun) return key
    const isOther = current && current.jkt !== key.jkt
    current = key
    if (isOther) onChange()
    return key
  }

  return {
    get current() {
      return current
    },
    get isKept() {
      return isKept
    },
    load() {
      const work = (loading ??= find().finally(() => {
        if (loading === work) loading = undefined
      }))
      return work
    },
    prove: signProof,
    async forget(isOwn) {
      const forgotten = current?.jkt
      round++
      current = undefined
      loading = undefined
      await ask(() =>
        store.update!(name, (there) =>
          // Another tab has logged in since, or may have.
          (forgotten || !isOwn) && readProofKey(there)?.jkt !== forgotten ? there : undefined,
        ),
      )
    },
  }
}
