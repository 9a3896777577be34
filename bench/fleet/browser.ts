// What the tabs of one user have: pages of their own, and a storage, locks and channels in common.
import { createLocks } from '../../test/support/flow-locks.ts'
import type { SimulatedClock } from './clock.ts'
import type { PageGlobals } from './library.ts'
import type { Random } from './random.ts'
import { createCrypto, EPOCH_MS, ISSUER, type SimulatedServer } from './server.ts'

const APP = 'https://app.example.com'

/** What a page brings of its own; {@link createBrowser} gives each a value. */
export const PAGE_GLOBALS = [
  ...['globalThis', 'window', 'origin', 'location', 'history', 'document', 'navigator', 'crypto'],
  ...['addEventListener', 'removeEventListener', 'localStorage', 'sessionStorage', 'fetch'],
  ...['BroadcastChannel', 'frameElement', 'performance', 'Date', 'Math'],
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
] as const

/** A page, and what its user does with it. */
export interface SimulatedPage {
  readonly globals: PageGlobals
  readonly show: (isVisible: boolean) => void
  readonly connect: (isOnline: boolean) => void
}

interface SimulatedBrowser {
  readonly localStorage: object
  readonly open: () => SimulatedPage
}

interface BrowserOptions {
  readonly clock: SimulatedClock
  readonly random: Random
  readonly server: SimulatedServer
  /** The user's session at the server, as its cookie says. */
  readonly session: number
  /** What its requests are counted under. */
  readonly counted: () => string
}

type Listener = (event: unknown) => void

/** As much of an `EventTarget` as a page needs: anybody may send a trusted event. */
function createTarget() {
  const listeners = new Map<string, Set<Listener>>()
  return {
    addEventListener(type: string, listener: Listener, { signal }: { signal?: AbortSignal } = {}) {
      if (signal?.aborted) return
      const all = listeners.get(type) ?? new Set()
      listeners.set(type, all.add(listener))
      signal?.addEventListener('abort', () => all.delete(listener))
    },
    removeEventListener: (type: string, listener: Listener) =>
      void listeners.get(type)?.delete(listener),
    dispatch(type: string, members: object = {}) {
      for (const listener of [...(listeners.get(type) ?? [])])
        listener({ type, isTrusted: true, ...members })
    },
  }
}

function createStorage(): object {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

/** The channels of one browser. */
function createChannels(clock: SimulatedClock): unknown {
  const open = new Set<{ readonly name: string; onmessage?: Listener }>()
  return function BroadcastChannel(name: string) {
    const channel = {
      name,
      postMessage(data: unknown) {
        for (const other of open)
          if (other !== channel && other.name === name)
            clock.setTimeout(() => (other as { onmessage?: Listener }).onmessage?.({ data }), 1)
      },
      close: () => void open.delete(channel),
    }
    open.add(channel)
    return channel
  }
}

export function createBrowser(options: BrowserOptions): SimulatedBrowser {
  const { clock, random } = options
  const localStorage = createStorage()
  const { request } = createLocks()
  const shared = {
    localStorage,
    locks: { request },
    BroadcastChannel: createChannels(clock),
    crypto: createCrypto(random),
    Math: Object.assign(Object.create(Math) as object, { random }),
    performance: { now: clock.now },
    Date: class extends Date {
      static override now(): number {
        return EPOCH_MS + clock.now()
      }
    },
    setTimeout: clock.setTimeout,
    setInterval: clock.setInterval,
    clearTimeout: clock.clear,
    clearInterval: clock.clear,
    origin: APP,
    location: new URL(`${APP}/`),
    history: { state: null, replaceState: () => {} },
  }
  return { localStorage, open: () => openPage(shared, options) }
}

function openPage(
  { locks, ...shared }: Readonly<Record<string, unknown>>,
  { server, session, counted }: BrowserOptions,
): SimulatedPage {
  const target = createTarget()
  const navigator = { onLine: true, locks, userAgent: '' }
  const load = (frame: Frame): void => {
    const url = new URL(frame.src)
    const request = navigator.onLine ? server.authorize(counted(), url, session) : undefined
    void Promise.resolve(request).then((response) => {
      if (!frame.isConnected) return
      frame.dispatch('load')
      const data = { type: 'authorization_response', response: Object.fromEntries(response ?? []) }
      if (response)
        target.dispatch('message', { source: frame.contentWindow, origin: ISSUER, data })
    })
  }
  const events = createTarget()
  const document = {
    ...events,
    visibilityState: 'hidden',
    createElement: createFrame,
    body: {
      append(frame: Frame) {
        frame.isConnected = true
        load(frame)
      },
    },
  }
  const page = {
    ...shared,
    ...target,
    document,
    navigator,
    sessionStorage: createStorage(),
    frameElement: null,
    async fetch(url: string, init: RequestInit) {
      if (!navigator.onLine) throw new TypeError('Failed to fetch')
      const response = await server.fetch(counted(), url, init)
      if (!navigator.onLine) throw new TypeError('Failed to fetch')
      return response
    },
  }
  const globals: PageGlobals = Object.assign(page, { globalThis: page, window: page })
  return {
    globals,
    show(isVisible) {
      document.visibilityState = isVisible ? 'visible' : 'hidden'
      events.dispatch('visibilitychange')
    },
    connect(isOnline) {
      navigator.onLine = isOnline
      target.dispatch(isOnline ? 'online' : 'offline')
    },
  }
}

type Frame = ReturnType<typeof createFrame>

/** Made once: it is thrown fifty times a second for each frame. */
const OTHER_ORIGIN = new DOMException('Another origin', 'SecurityError')

/** A hidden frame. Of another origin, nobody sees where it is. */
function createFrame() {
  const contentWindow = {
    get location(): never {
      throw OTHER_ORIGIN
    },
  }
  const frame = {
    ...createTarget(),
    setAttribute: () => {},
    style: {},
    src: '',
    isConnected: false,
    contentWindow,
    remove: () => void (frame.isConnected = false),
  }
  return frame
}
