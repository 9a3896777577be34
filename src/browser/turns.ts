import { waitFor, type Caller } from './single-flight.ts'

/**
 * Does some work as soon as there is a place for it.
 *
 * @throws AuthError `timeout` where there was none in the time of the caller
 */
export type TakeTurn = <Value>(caller: Caller, work: () => Promise<Value>) => Promise<Value>

/** Lets no more than so many pieces of work go on at once; the others come in their turn. */
export function createTurns(places: number): TakeTurn {
  const waiting: (() => void)[] = []
  let free = places
  const leave = (): void => {
    const begin = waiting.shift()
    if (begin) begin()
    else free++
  }
  return async (caller, work) => {
    if (free) free--
    else {
      const turn = new Promise<void>((resolve) => waiting.push(resolve))
      await waitFor(turn, caller).catch((error: unknown) => {
        // Who has given up passes it on.
        void turn.then(leave)
        throw error
      })
    }
    return work().finally(leave)
  }
}
