/** Browsers count the milliseconds of a timer in 32 bits, and run a longer one at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1
