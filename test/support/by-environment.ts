import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files of one environment after the other: a process, and what it has loaded, is kept for the next
 * file only if that needs the same one. `--sequence.seed=7` runs them in another order, in which
 * they must pass too.
 */
export class ByEnvironment extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { seed } = this.ctx.config.sequence
    const sorted = seed ? shuffle(files, seed) : await super.sort(files)
    const pages = new Set(sorted.filter(needsPage))
    return [...pages, ...sorted.filter((file) => !pages.has(file))]
  }
}

/** Vitest does it by itself only where no sequencer is set. */
function shuffle(files: readonly TestSpecification[], seed: number): TestSpecification[] {
  const placeOf = ({ moduleId }: TestSpecification): string =>
    createHash('sha1').update(`${seed} ${moduleId}`).digest('hex')
  return [...files].sort((one, other) => placeOf(one).localeCompare(placeOf(other)))
}

function needsPage({ moduleId }: TestSpecification): boolean {
  return readFileSync(moduleId, 'utf8').includes('@vitest-environment happy-dom')
}
