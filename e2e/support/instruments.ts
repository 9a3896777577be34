import type { BrowserContext, Page } from '@playwright/test'
import type { AuthError, AuthErrorEvidence } from 'sotto'

/** How a call in the page ended, as data that can leave it. */
export interface Outcome {
  readonly value?: unknown
  readonly code?: string
  readonly reason?: string
  readonly evidence?: AuthErrorEvidence
  readonly retryable?: boolean
  /** What was rejected with, where that is no error of ours. */
  readonly other?: string
  /** How long it took. */
  readonly ms: number
}

/** What a page has open; equal before and after means that nothing was left. */
export interface OpenThings {
  readonly frames: number
  readonly timers: number
  /** On the window, the document, and the signals that were handed out by `newSignal`. */
  readonly listeners: readonly string[]
}

declare global {
  /** Waits for a call and tells how it ended. */
  var settle: (work: Promise<unknown>) => Promise<Outcome>
  var countOpen: () => OpenThings
  /**
   * A new controller, whose signal is watched for listeners that are left; also the global
   * `controller`.
   */
  var newSignal: () => AbortSignal
  var controller: AbortController
  /** What a test has begun in one evaluation and waits for in another. */
  var pending: Promise<Outcome>
}

/** Makes the pages that are opened from now on tell what they have open. */
export async function instrument(pages: Page | BrowserContext): Promise<void> {
  await pages.addInitScript(install)
}

/** Runs in the page, before its first script: it may refer to nothing outside itself. */
function install(): void {
  const begun = performance
  globalThis.settle = async (work) => {
    const start = begun.now()
    const took = () => Math.round(begun.now() - start)
    return work.then(
      (value) => ({ value, ms: took() }),
      (error: Partial<AuthError> | string) =>
        typeof error === 'object' && error.name === 'AuthError'
          ? {
              code: error.code,
              reason: error.reason,
              evidence: error.evidence,
              retryable: error.retryable,
              ms: took(),
            }
          : { other: String(error), ms: took() },
    ) as Promise<Outcome>
  }

  const watched = new Set<EventTarget>([window, document])
  let listeners: { target: EventTarget; type: string; listener: unknown }[] = []
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype
  const drop = (target: EventTarget, type: string, listener: unknown) => {
    listeners = listeners.filter(
      (one) => one.target !== target || one.type !== type || one.listener !== listener,
    )
  }
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window
    const { signal } = Object(options) as AddEventListenerOptions
    if (!signal?.aborted) {
      drop(target, type, listener)
      listeners.push({ target, type, listener })
    }
    if (signal) add.call(signal, 'abort', () => drop(target, type, listener))
    add.call(target, type, listener, options)
  }
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const target = this ?? window
    drop(target, type, listener)
    remove.call(target, type, listener, options)
  }

  const timers = new Set<unknown>()
  const { setTimeout: startTimeout, setInterval: startInterval } = window
  const { clearTimeout: stopTimeout, clearInterval: stopInterval } = window
  const setTimeoutWatched = (work: () => void, ms?: number) => {
    const id = startTimeout(() => {
      timers.delete(id)
      work()
    }, ms)
    timers.add(id)
    return id
  }
  const setIntervalWatched = (work: () => void, ms?: number) => {
    const id = startInterval(work, ms)
    timers.add(id)
    return id
  }
  const stop = (id?: number) => {
    timers.delete(id)
    stopTimeout(id)
    stopInterval(id)
  }
  Object.assign(window, {
    setTimeout: setTimeoutWatched,
    setInterval: setIntervalWatched,
    clearTimeout: stop,
    clearInterval: stop,
  })

  globalThis.newSignal = () => {
    globalThis.controller = new AbortController()
    watched.add(globalThis.controller.signal)
    return globalThis.controller.signal
  }
  globalThis.countOpen = () => ({
    frames: document.querySelectorAll('iframe').length,
    timers: timers.size,
    listeners: listeners
      .filter(({ target }) => watched.has(target))
      .map(({ type }) => type)
      .sort(),
  })
}
