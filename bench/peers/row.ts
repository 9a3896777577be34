import { APPS, type AppName } from './apps/bench-app.ts'

export type Unit = 'ms' | 's' | 'µs' | 'kB' | 'requests' | 'calls'

export interface Row {
  readonly name: string
  readonly unit: Unit
  /** How many times it was measured. */
  readonly n: number
  /** Medians; what an app cannot do is missing. */
  readonly values: Partial<Record<AppName, number>>
}

/** Collects what the rounds measure. */
export class Samples {
  readonly #lists = new Map<AppName, number[]>()

  add(app: AppName, value: number): void {
    const list = this.#lists.get(app) ?? []
    this.#lists.set(app, list)
    list.push(value)
  }

  toRow(name: string, unit: Unit): Row {
    const entries = [...this.#lists].map(([app, list]) => [app, median(list)] as const)
    const n = Math.min(...[...this.#lists.values()].map(({ length }) => length))
    return { name, unit, n, values: Object.fromEntries(entries) }
  }
}

/**
 * Round after round, all apps in turn, each time another one first; the first round is not counted.
 */
export async function inTurn(
  rounds: number,
  apps: readonly AppName[],
  step: (app: AppName, isCounted: boolean) => Promise<void>,
): Promise<void> {
  for (let round = 0; round <= rounds; round++)
    for (const index of apps.keys()) {
      const app = apps[(index + round) % apps.length] ?? APPS[0]
      await step(app, round > 0)
    }
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 0 ? (below + above) / 2 : above
}
