/** Who is told when something happens. */
export interface Listeners<Event> {
  /** @returns a function that ends it; one function that is added twice is called twice */
  add(listener: (event: Event) => void): () => void
  /**
   * Calls every listener. One that throws is reported like an uncaught error, and stops neither the
   * others nor the flow.
   */
  notify(event: Event): void
  clear(): void
}

export function createListeners<Event>(): Listeners<Event> {
  const registrations = new Set<(event: Event) => void>()
  return {
    add(listener) {
      const registration = (event: Event): void => listener(event)
      registrations.add(registration)
      return () => registrations.delete(registration)
    },
    notify(event) {
      for (const registration of [...registrations]) {
        try {
          registration(event)
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
    clear: () => registrations.clear(),
  }
}
