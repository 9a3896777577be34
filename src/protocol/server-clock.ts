/** How far the clock of the server is from that of the device, as far as is known. */
export interface ServerClock {
  /** What is to be added to the device's time, in seconds. */
  readonly offsetSeconds: number
  /** Takes the time from an ID token that has just been made, and was checked. */
  learn(offsetSeconds: number): void
}

/** A clock that is wrong by more is an error of its own. */
export const MAX_SKEW_SECONDS = 86_400

/**
 * By how much the clock of the server differs from that of the device, in seconds: 0 within the
 * tolerance, and where it is more than a day, which no token can say.
 *
 * @param issuedAt `iat` of an ID token that has just been made: a nonce of ours is in it
 * @param now the device's time, in seconds since the epoch
 */
export function readOffset(issuedAt: number, now: number, toleranceSeconds: number): number {
  const offset = Math.round(issuedAt - now)
  const size = Math.abs(offset)
  return size > toleranceSeconds && size <= MAX_SKEW_SECONDS ? offset : 0
}

/** @param onChange is told by how many seconds the device is ahead, when that is first known */
export function createServerClock(onChange: (aheadSeconds: number) => void): ServerClock {
  let known = 0
  return {
    get offsetSeconds() {
      return known
    },
    learn(offsetSeconds) {
      const isNew = Math.abs(offsetSeconds - known) > MIN_CHANGE_SECONDS
      if (isNew) known = offsetSeconds
      if (isNew && offsetSeconds) onChange(-offsetSeconds)
    },
  }
}

/** Answers take a while, now more, now less. */
const MIN_CHANGE_SECONDS = 15
