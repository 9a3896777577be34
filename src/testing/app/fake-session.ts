import { AuthError, type AuthSnapshot, type SettledSnapshot } from 'sotto'

/** What a fake client shows, and who waits for it. */
export interface FakeSession<U extends object> {
  readonly getSnapshot: () => AuthSnapshot<U>
  readonly show: (snapshot: AuthSnapshot<U>) => void
  readonly listen: (listener: (snapshot: AuthSnapshot<U>) => void) => () => void
  /** The snapshot, once it is not `loading`. */
  readonly settled: (signal?: AbortSignal) => Promise<SettledSnapshot<U>>
  /** Stays pending until something is shown. */
  readonly shown: (signal?: AbortSignal) => Promise<void>
  /** Throws where a real client would not begin. */
  readonly assertOpen: (signal?: AbortSignal) => void
  readonly close: () => void
}

export function createFakeSession<U extends object>(first: AuthSnapshot<U>): FakeSession<U> {
  let snapshot = frozenCopy(first)
  const listeners = new Set<(snapshot: AuthSnapshot<U>) => void>()
  const waiting = new Set<() => void>()
  const ended = new AbortController()

  function assertOpen(signal?: AbortSignal): void {
    ended.signal.throwIfAborted()
    signal?.throwIfAborted()
  }

  async function shown(signal?: AbortSignal): Promise<void> {
    assertOpen(signal)
    const over = new AbortController()
    const whileWaiting = { signal: over.signal }
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve)
      for (const one of [ended.signal, signal])
        one?.addEventListener('abort', () => reject(one.reason as Error), whileWaiting)
    }).finally(() => over.abort())
  }

  return {
    getSnapshot: () => snapshot,
    show(next) {
      const isNew = !isSame(next, snapshot)
      if (isNew) snapshot = frozenCopy(next)
      for (const resolve of waiting) resolve()
      waiting.clear()
      if (!isNew) return
      for (const listener of [...listeners]) tell(listener, snapshot)
    },
    listen(listener) {
      // One function that is added twice is called twice.
      const registration = (next: AuthSnapshot<U>): void => listener(next)
      listeners.add(registration)
      return () => void listeners.delete(registration)
    },
    async settled(signal) {
      assertOpen(signal)
      while (snapshot.status === 'loading') await shown(signal)
      return snapshot
    },
    shown,
    assertOpen,
    close() {
      ended.abort(new AuthError('disposed'))
      listeners.clear()
    },
  }
}

/** One that throws is reported like an uncaught error, and stops neither the others nor the call. */
function tell<Value>(listener: (value: Value) => void, value: Value): void {
  try {
    listener(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** Of plain data: an error stays the one it is. */
function frozenCopy<Value>(value: Value): Value {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as Value
  if (!isPlain(value)) return value
  const pairs = Object.entries(value).map(([name, member]) => [name, frozenCopy(member)])
  return Object.freeze(Object.fromEntries(pairs)) as Value
}

/** Of plain data: whether it has the same content. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  const areLists = Array.isArray(one) && Array.isArray(other)
  if (!areLists && !(isPlain(one) && isPlain(other))) return false
  const [members, others] = [new Map(Object.entries(one)), new Map(Object.entries(other))]
  return (
    members.size === others.size &&
    [...members].every(([name, member]) => others.has(name) && isSame(member, others.get(name)))
  )
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
