/** A random number in [0, 1), as `Math.random`. */
export type Random = () => number

/** Numbers that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A time until something that happens at any moment alike, in milliseconds. */
export const waitFor = (random: Random, meanMs: number): number => -Math.log(1 - random()) * meanMs
