// Files share a process, in which a constant of a module is made once. For its mutants to be
// noticed, each mutant gets modules that are loaded while it is switched on.
import { inject, vi } from 'vitest'

declare module 'vitest' {
  /** What Stryker tells the tests. */
  interface ProvidedContext {
    readonly globalNamespace: string
    readonly mode: 'dry-run' | 'mutant'
    readonly activeMutant: string
  }
}

interface Stryker {
  activeMutant: string | undefined
  /** The mutant of the modules that this process has. */
  loadedFor?: string | undefined
}

const stryker = (globalThis as unknown as Record<string, Stryker>)[inject('globalNamespace')]!
const mutant = inject('mode') === 'mutant' ? inject('activeMutant') : undefined
if (stryker.loadedFor !== mutant) {
  stryker.loadedFor = mutant
  stryker.activeMutant = mutant
  vi.resetModules()
}
