/** What the tag of a `state` is made of. */
interface ClientIdentity {
  readonly issuer: string
  readonly clientId: string
}

const PRIME = 0x01000193
/** PRIME * INVERSE = 1 (mod 2^32): each step of the hash can be taken back. */
const INVERSE = 0x359c449b
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const CODES = Array.from(CHARACTERS, (character) => character.charCodeAt(0))

/**
 * FNV-1a with 32 bits, written here once more: a test that borrowed it would follow a mistake of
 * the library.
 */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, PRIME)
  return value >>> 0
}

/** The tag that a `state` of this issuer and client begins with. */
export function tagOf({ issuer, clientId }: ClientIdentity): string {
  return hash(`${issuer} ${clientId}`).toString(36)
}

/**
 * A client ID whose tag at `issuer` is that of another issuer's client, as a hostile issuer can
 * work it out: from both ends, three letters each, until they meet in the middle.
 */
export function findCollidingClientId(issuer: string, other: ClientIdentity): string {
  const begun = new Map<number, string>()
  const start = hash(`${issuer} `)
  for (const a of CODES)
    for (const b of CODES)
      for (const c of CODES) {
        const value = [a, b, c].reduce((one, code) => Math.imul(one ^ code, PRIME), start)
        begun.set(value >>> 0, String.fromCharCode(a, b, c))
      }
  const end = hash(`${other.issuer} ${other.clientId}`)
  for (const d of CODES)
    for (const e of CODES)
      for (const f of CODES) {
        const value = [f, e, d].reduce((one, code) => Math.imul(one, INVERSE) ^ code, end)
        const found = begun.get(value >>> 0)
        if (found !== undefined) return found + String.fromCharCode(d, e, f)
      }
  throw new Error('no collision with six letters')
}
