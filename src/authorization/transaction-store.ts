import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { Transaction } from '../protocol/transaction.ts'
import type { TransactionStorage } from '../storage/storage.ts'

export interface TransactionStore {
  /** @throws AuthError `storage_unavailable` where it would be lost when the page leaves */
  save(transaction: Transaction): void
  /** Whether a `state` belongs to a login of another issuer or client of this page. */
  isOfAnotherClient(state: string): boolean
  /**
   * Reads and deletes in one step, without a moment in between: a `state` is good for one response.
   * Only a transaction of this issuer and client is given out; another is left where it is.
   */
  take(state: string): Transaction | undefined
  /** Notes where a login leads whose response was taken. */
  finish(transaction: Transaction): void
  /** Notes that the page at this address is finishing the response with this `state`. */
  arrive(address: string, state: string): void
  /** It has finished, well or not. */
  depart(): void
  /** The `state` of the response that a page at this address was finishing: it was reloaded. */
  findArrived(address: string): string | undefined
  /** Forgets where logins led: the user has logged out. */
  forgetFinished(): void
  /** Where a login led that was finished in this tab: its response may come once more, by Back. */
  findFinished(state: string): string | undefined
}

const MAX_AGE_MS = 3_600_000
const MAX_PENDING = 20
/**
 * One record for all clients of a page: whose a `state` is must be known before a response is
 * taken.
 */
const KEY = 'sotto:transactions'
/** Which responses were taken in this tab, and where they led. No token is in it. */
const FINISHED_KEY = 'sotto:finished'
/** Which response a page is finishing, and at which address. */
const ARRIVED_KEY = 'sotto:arrived'
const MAX_FINISHED = 5

/** Whether a transaction is too old to be answered. */
export function isExpired({ createdAt }: Transaction): boolean {
  return !(Math.abs(Date.now() - createdAt) < MAX_AGE_MS)
}

/**
 * Whether a stored value has what every step of a login relies on: other scripts of the origin can
 * write there too.
 */
function isTransaction(fields: object): fields is Transaction & Readonly<Record<string, unknown>> {
  const { kind, state, nonce, codeVerifier, redirectUri, clientId, scope, ...target } =
    fields as Partial<Transaction>
  const { audience = '', resource, authorizationParams } = ownFields(target)
  const texts: unknown[] = [kind, state, nonce, codeVerifier, redirectUri, clientId, scope]
  return (
    Array.isArray(resource) &&
    Object(authorizationParams) === authorizationParams &&
    texts.concat(audience, resource).every(isText)
  )
}

/**
 * Keeps the logins that are under way, many at once; in one record, so that their number is
 * bounded.
 */
export function createTransactionStore(
  open: () => TransactionStorage,
  { issuer, clientId }: Pick<Transaction, 'issuer' | 'clientId'>,
): TransactionStore {
  function read(): Transaction[] {
    try {
      const stored = [JSON.parse(open().getItem(KEY)!) as unknown].flat()
      return stored.map(ownFields).filter(isTransaction)
    } catch {
      // Blocked, or not ours: nothing is pending then, and a callback says `state_unknown`.
      return []
    }
  }

  /** @returns whether it is stored */
  const write = (key: string, value: unknown): boolean =>
    tryOrUndefined(() => {
      open().setItem(key, JSON.stringify(value))
      return true
    }) ?? false
  const remove = (key: string): unknown => tryOrUndefined(() => open().removeItem(key))

  function readPairs(key: string): (readonly [string, string])[] {
    const stored = tryOrUndefined(() => JSON.parse(open().getItem(key)!) as unknown)
    return [stored]
      .flat()
      .filter((pair): pair is [string, string] => Array.isArray(pair) && pair.every(isText))
  }

  const find = (key: string, name: string): string | undefined =>
    readPairs(key).find(([one]) => one === name)?.[1]

  const isOwn = (transaction: Transaction): boolean =>
    transaction.issuer === issuer && transaction.clientId === clientId

  return {
    save(transaction) {
      const others = read().filter((other) => !isExpired(other))
      const pending = [...others, transaction].slice(-MAX_PENDING)
      // Where it is full, the oldest go, which are likely to have been given up.
      while (!write(KEY, pending)) {
        pending.shift()
        if (!pending.length)
          throw new AuthError('storage_unavailable', { reason: 'transactionStorage' })
      }
    },
    isOfAnotherClient(state) {
      return read().some((transaction) => transaction.state === state && !isOwn(transaction))
    },
    take(state) {
      const pending = read()
      const found = pending.find((transaction) => transaction.state === state && isOwn(transaction))
      const rest = pending.filter((transaction) => transaction !== found)
      // One that cannot be deleted could be used twice: it counts as unknown.
      return tryOrUndefined(() => {
        if (rest.length) open().setItem(KEY, JSON.stringify(rest))
        else open().removeItem(KEY)
        return found
      })
    },
    finish({ state, returnTo }) {
      if (returnTo === undefined) return
      write(FINISHED_KEY, [...readPairs(FINISHED_KEY), [state, returnTo]].slice(-MAX_FINISHED))
    },
    forgetFinished: () => void remove(FINISHED_KEY),
    findFinished: (state) => find(FINISHED_KEY, state),
    arrive: (address, state) => void write(ARRIVED_KEY, [[address, state]]),
    depart: () => void remove(ARRIVED_KEY),
    findArrived: (address) => find(ARRIVED_KEY, address),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
