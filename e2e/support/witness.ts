// What a page shows of itself, wherever a secret could be found: functions that run in the page,
// and may refer to nothing outside.
import type { AuthClient } from 'sotto'

declare global {
  /** What {@link watchPage} has seen so far, by where. */
  var witnessed: Record<'dom' | 'events' | 'logs' | 'channel' | 'errors', string[]>
  /** A logger that keeps all that it is told. */
  var keepingLogger: Record<'debug' | 'warn', (...said: unknown[]) => void>
  /**
   * Every text that can be reached from a value: own members, enumerable or not, causes and stacks
   * too.
   */
  var textsIn: (value: unknown) => string[]
}

/** Begins to watch a page, before its first script. */
export function watchPage(): void {
  globalThis.witnessed = { dom: [], events: [], logs: [], channel: [], errors: [] }
  const { dom, logs } = globalThis.witnessed
  globalThis.textsIn = (root) => {
    const seen = new Set<unknown>()
    const walk = (value: unknown): string[] => {
      if (typeof value === 'string') return [value]
      if (typeof value !== 'object' || value === null || seen.has(value)) return []
      seen.add(value)
      const { message, stack, cause } = value as Error
      const own = Reflect.ownKeys(value).map((key) => (value as Record<PropertyKey, unknown>)[key])
      return [...own, message, stack, cause, JSON.stringify(value), String(value)].flatMap(walk)
    }
    return walk(root)
  }
  const keep = (...said: unknown[]): void => void logs.push(...said.flatMap(globalThis.textsIn))
  globalThis.keepingLogger = { debug: keep, warn: keep }
  new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes) dom.push((node as Partial<Element>).outerHTML ?? '')
  }).observe(document, { childList: true, subtree: true })
}

/** Listens to the events of the page's client, and to what it says to other tabs. */
export function watchClient(key: string): void {
  const { events, channel } = globalThis.witnessed
  for (const type of ['session', 'token', 'renewal', 'warning'] as const)
    auth.on(type, (event: unknown) => void events.push(...textsIn(event)))
  auth.subscribe(() => void events.push(...textsIn(auth.getSnapshot())))
  new BroadcastChannel(key).addEventListener('message', ({ data }) => {
    channel.push(JSON.stringify(data))
  })
}

/** The rest of what can be seen, by where. */
export function lookAround(auth: AuthClient): Record<string, string> {
  const addresses = globalThis as unknown as {
    readonly navigation?: { entries(): { readonly url: string }[] }
  }
  return {
    'the document': document.documentElement.outerHTML,
    'the window': `${window.name} ${document.title} ${document.cookie} ${document.referrer}`,
    'the address': `${location.href} ${JSON.stringify(history.state)}`,
    'the history': JSON.stringify(addresses.navigation?.entries().map(({ url }) => url)),
    'JSON of the client': `${JSON.stringify(auth)} ${textsIn(auth).join()}`,
    'JSON of the snapshot': JSON.stringify(auth.getSnapshot()),
    // The address that the page was loaded from is the only one with a code in it.
    'performance entries': performance
      .getEntries()
      .filter(({ entryType }) => entryType !== 'navigation')
      .map((entry) => JSON.stringify(entry))
      .join(),
  }
}
