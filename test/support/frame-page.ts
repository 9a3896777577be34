import { vi } from 'vitest'

type Listener = (event: object) => void

/**
 * A target whose events are what a test says, `isTrusted` included, which no real one can be told.
 */
function createTarget() {
  const listeners = new Map<Listener, string>()
  return {
    addEventListener(
      type: string,
      listener: Listener,
      options?: { readonly signal?: AbortSignal },
    ) {
      listeners.set(listener, type)
      options?.signal?.addEventListener('abort', () => listeners.delete(listener))
    },
    removeEventListener: (_type: string, listener: Listener) => void listeners.delete(listener),
    emit(type: string, event: object = {}) {
      for (const [listener, heard] of listeners) if (heard === type) listener(event)
    },
    listeners,
  }
}

/**
 * Just enough of a page to hold one hidden frame: the browsers of the end-to-end tests have the
 * whole of it.
 */
export function createFramePage() {
  const contentWindow = { location: { href: 'about:blank' } }
  const attributes: Record<string, string> = {}
  const frame = {
    ...createTarget(),
    setAttribute: (name: string, value: string) => void (attributes[name] = value),
    attributes,
    style: {},
    src: '',
    isConnected: false,
    /** What a test environment does that has no frames. */
    onAppend: () => {},
    remove: () => void (frame.isConnected = false),
    contentWindow: contentWindow as typeof contentWindow | undefined,
  }
  const window = createTarget()
  const append = vi.fn(() => {
    frame.isConnected = true
    frame.onAppend()
  })
  const document = {
    ...createTarget(),
    createElement: vi.fn(() => frame),
    body: { append } as { append: () => void } | null,
    documentElement: { append },
  }
  const navigator = { onLine: true }
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  vi.stubGlobal('location', new URL('https://app.example/page'))
  vi.stubGlobal('addEventListener', window.addEventListener)
  return {
    frame,
    window,
    document,
    navigator,
    append,
    /** The frame shows a page; without an address it is one of another origin. */
    load(href?: string) {
      frame.contentWindow = href === undefined ? undefined : { location: { href } }
      frame.emit('load')
    },
    countListeners: () => [frame, window, document].reduce((sum, at) => sum + at.listeners.size, 0),
  }
}
