import { vi } from 'vitest'

type Listener = (event: object) => void

/**
 * Just enough of a page to open one popup: the browsers of the end-to-end tests have the whole of
 * it.
 */
export function createPopupPage() {
  const listeners = new Map<Listener, string>()
  const channels: { readonly name: string; onmessage?: Listener; isOpen: boolean }[] = []
  const visited: string[] = []
  const popup = {
    closed: false,
    /** Of another origin: its address cannot be read. */
    isElsewhere: false,
    close: vi.fn(() => {
      popup.closed = true
    }),
    focus: vi.fn(),
    location: {
      get href() {
        if (popup.isElsewhere) throw new DOMException('', 'SecurityError')
        return 'about:blank'
      },
      replace: (url: URL) => void visited.push(url.href),
    },
  }
  const page = { hasFocus: true }
  const open = vi.fn((): typeof popup | null => popup)
  vi.stubGlobal('window', { open })
  vi.stubGlobal('document', { hasFocus: () => page.hasFocus })
  vi.stubGlobal('location', new URL('https://app.example/page'))
  for (const [name, value] of Object.entries({ X: 100, Y: 50 }))
    vi.stubGlobal(`screen${name}`, value)
  vi.stubGlobal('outerWidth', 1000)
  vi.stubGlobal('outerHeight', 800)
  vi.stubGlobal(
    'addEventListener',
    (type: string, listener: Listener, options: { readonly signal: AbortSignal }) => {
      listeners.set(listener, type)
      options.signal.addEventListener('abort', () => listeners.delete(listener))
    },
  )
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      isOpen = true
      name: string
      constructor(name: string) {
        this.name = name
        channels.push(this)
      }
      close() {
        this.isOpen = false
      }
    },
  )
  return {
    popup: popup as typeof popup & Window,
    page,
    open,
    visited,
    channels,
    countListeners: () => listeners.size,
    /** Fires an event of the window. */
    emit(type: string, event: object = {}) {
      for (const [listener, heard] of listeners) if (heard === type) listener(event)
    },
  }
}
