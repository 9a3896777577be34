import { onTestFinished } from 'vitest'

/** Collects the rejections that nobody has handled, until the test ends. */
export function collectUnhandled(): readonly unknown[] {
  const reasons: unknown[] = []
  const collect = (reason: unknown): void => void reasons.push(reason)
  process.on('unhandledRejection', collect)
  onTestFinished(() => void process.off('unhandledRejection', collect))
  return reasons
}
