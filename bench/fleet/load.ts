// The requests of a stretch of time, in numbers.
import type { SimulatedServer } from './server.ts'

/** A stretch of simulated time, in milliseconds. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

export interface Load {
  readonly requests: number
  /** Requests per second, on average. */
  readonly mean: number
  /** In the second that had the most. */
  readonly peak: number
  /** Per second in the ten seconds that had the most: chance counts for less. */
  readonly peakOfTen: number
}

const WINDOW = 10

/** @param counted what is looked at; by default all requests */
export function measureLoad(
  { load }: SimulatedServer,
  { fromMs, toMs }: Stretch,
  counted?: string,
): Load {
  const parts = counted === undefined ? [...load.values()] : [load.get(counted) ?? []]
  const seconds: number[] = []
  for (let second = Math.floor(fromMs / 1000); second < toMs / 1000; second++)
    seconds.push(parts.reduce((sum, part) => sum + (part[second] ?? 0), 0))
  const requests = sumOf(seconds)
  const windows = seconds
    .slice(WINDOW - 1)
    .map((_, index) => sumOf(seconds.slice(index, index + WINDOW)) / WINDOW)
  return {
    requests,
    mean: requests / seconds.length,
    peak: Math.max(...seconds),
    peakOfTen: Math.max(...windows),
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
