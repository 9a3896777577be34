import { tryOrUndefined } from '../browser/try-or-undefined.ts'

/**
 * What is known of hidden frames in this session. A frame that stays quiet says nothing: the server
 * may show its login page there, or an error, or be out of order, or be set up otherwise. Whether a
 * frame with the same settings was ever answered tells some of them apart.
 */
export interface FrameMemory {
  /**
   * The server answered a frame with these settings, whatever it said.
   *
   * @returns whether for the first time
   */
  answered(settings: string): boolean
  hasAnswered(settings: string): boolean
  /** A frame stayed quiet. */
  stayedQuiet(): void
  /** How long ago the first one stayed quiet since the last answer, in milliseconds. */
  quietForMs(): number
  /** The session has ended. */
  forget(): void
}

/** Keeps the settings in `localStorage`; where that is blocked, for this page. */
export function createFrameMemory(key: string): FrameMemory {
  let answered: string | null | undefined
  let quietSince: number | undefined
  const read = (): typeof answered => (answered ??= tryOrUndefined(() => localStorage.getItem(key)))
  return {
    answered(settings) {
      quietSince = undefined
      if (read() === settings) return false
      answered = settings
      tryOrUndefined(() => localStorage.setItem(key, settings))
      return true
    },
    hasAnswered: (settings) => read() === settings,
    stayedQuiet: () => void (quietSince ??= performance.now()),
    quietForMs: () => performance.now() - (quietSince ?? Infinity),
    forget() {
      answered = quietSince = undefined
      tryOrUndefined(() => localStorage.removeItem(key))
    },
  }
}
