import { vi } from 'vitest'
import { passTime } from './flow-client.ts'

/**
 * Cryptography takes real time, which the clocks of a model shall not notice: tells how much of it
 * is under way.
 */
const crypt = { underWay: 0 }

/** To be called once, before a model or a test begins. */
export function watchCryptography(): void {
  const { subtle } = crypto
  for (const name of ['digest', 'sign', 'verify', 'importKey', 'generateKey'] as const) {
    const run = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<never>
    vi.spyOn(subtle, name).mockImplementation(async (...args: unknown[]) => {
      crypt.underWay++
      return run(...args).finally(() => crypt.underWay--)
    })
  }
}

/**
 * Lets everything happen that does not wait for a timer: bodies are read and messages delivered in
 * a few turns.
 */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (crypt.underWay) turn = 0
  }
}

/** Moves every clock, in steps. */
export async function advance(ms: number): Promise<void> {
  for (let step = 0; step < 4; step++) {
    await rest()
    await passTime(ms / 4)
  }
  await rest()
}

/** How a promise ends, with as little time passing as it takes. */
export async function settle<Value>(
  promise: Promise<Value>,
): Promise<{ value?: Value; error?: unknown }> {
  let outcome: { value?: Value; error?: unknown } | undefined
  promise.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  )
  for (let round = 0; !outcome; round++) {
    if (round > 150) throw new Error('a call hangs')
    await rest()
    await passTime(round < 100 ? 5 : 1000)
  }
  return outcome
}
