/**
 * Asks something of the browser that it may refuse: site data that is blocked, an opaque origin, a
 * policy. The library goes on without it.
 *
 * @returns undefined where it was refused
 */
export function tryOrUndefined<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
