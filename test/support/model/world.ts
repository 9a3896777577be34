import { refreshToken, type CustomStorage } from 'sotto'
import { vi } from 'vitest'
import { createClient, createServer, preparePage, type TestClient } from '../flow-client.ts'
import { createSharedStorage } from '../flow-storage.ts'
import { createFrame, type FrameSetting } from './frame.ts'
import { installOwnedLocks, type LockOwner } from './locks.ts'
import { createNetwork } from './network.ts'

/**
 * A tab of the model. One that is frozen or dead gets no answer from its storage or the network.
 */
export interface Tab extends TestClient, LockOwner {
  state: 'awake' | 'frozen' | 'dead'
  /** Goes on with what was waiting. */
  readonly wake: () => void
}

/** The record that the tabs share. */
interface StoredSession {
  readonly sub: string
  readonly refreshToken?: { readonly token: string; readonly idToken: string }
}

/** What a server does with a refresh token that was used. */
export const ROTATIONS = ['none', 'grace', 'strict'] as const
export type Rotation = (typeof ROTATIONS)[number]

/** One server serves all worlds of a test, because its keys take time. */
export function createModelServer() {
  const skew = { ms: 0 }
  const server = createServer({
    signingAlg: 'ES256',
    refreshTokenSeconds: 3650 * 86_400,
    now: () => Date.now() - skew.ms,
  })
  return { server, skew }
}

/** A browser with tabs that share a storage. */
export function createWorld(
  { server, skew }: ReturnType<typeof createModelServer>,
  rotation: Rotation,
) {
  preparePage()
  server.control.reset()
  server.control.setRefreshTokenRotation({ enabled: rotation !== 'none' })
  server.control.setLives({ rotationGraceSeconds: rotation === 'grace' ? 3650 * 86_400 : 0 })
  skew.ms = 0
  const storage = createSharedStorage()
  const storedSession = (): StoredSession | undefined =>
    [...storage.records.values()][0] as StoredSession | undefined
  const replaced = new Set<string>()
  const network = createNetwork(server, {
    isReplaced: (token) => replaced.has(token),
    isRotating: () => rotation !== 'none',
    isStrict: () => rotation === 'strict',
  })
  const noteLock = installOwnedLocks()
  const tabs: Tab[] = []
  const world = {
    server,
    network,
    tabs,
    /** How long a storage takes, in milliseconds: two tabs may look at the same time. */
    storageMs: 10,
    serverUser: undefined as string | undefined,
    isFrameBlocked: false,
    /** Whether frames see no session at the server, as where third-party cookies are blocked. */
    areCookiesBlocked: false,
    /** How often a frame was made. */
    frames: 0,
    record: storedSession,
    open: () => createTab(),
    /** Sets the clock of the device; the server keeps its own. */
    setClock(aheadMs: number) {
      vi.setSystemTime(Date.now() + aheadMs - skew.ms)
      skew.ms = aheadMs
    },
    close(tab: Tab) {
      tabs.splice(tabs.indexOf(tab), 1)
      tab.auth.dispose()
    },
    /** Ends a tab wherever it is, as a crash does. */
    kill(tab: Tab) {
      tab.state = 'dead'
      world.close(tab)
      tab.releases.forEach((release) => release())
    },
  }
  const frame: FrameSetting = {
    server,
    serverUser: () => (world.areCookiesBlocked ? undefined : world.serverUser),
    isBlocked: () => world.isFrameBlocked || network.fault !== undefined,
    onFrame: () => void world.frames++,
  }

  function createTab(): Tab {
    const owner: LockOwner = { isDead: () => tab.state === 'dead', releases: new Set() }
    const client = createClient(
      {
        scope: 'openid profile email offline_access',
        tokenStorage: tie(storage, {
          whenAwake,
          onUse: () => noteLock(owner),
          onChange: (before) => {
            const { token } = before?.refreshToken ?? {}
            if (token && token !== storedSession()?.refreshToken?.token) replaced.add(token)
          },
          waitMs: () => world.storageMs,
        }),
        fetch: async (...request) => {
          const response = await network.createFetch(() => tab.state !== 'awake')(...request)
          await whenAwake()
          return response
        },
        renewal: [refreshToken(), createFrame(frame)],
      },
      { server },
    )
    const sleepers: (() => void)[] = []
    const wake = (): void => sleepers.splice(0).forEach((goOn) => goOn())
    const tab: Tab = { ...client, ...owner, state: 'awake', wake }
    tabs.push(tab)
    return tab

    async function whenAwake(): Promise<void> {
      while (tab.state !== 'awake') await new Promise<void>((resolve) => sleepers.push(resolve))
    }
  }
  return world
}
export type World = ReturnType<typeof createWorld>

/** The storage of a browser as a tab has it: IndexedDB. */
function tie(
  storage: CustomStorage,
  {
    whenAwake,
    onUse,
    onChange,
    waitMs,
  }: {
    readonly whenAwake: () => Promise<void>
    readonly onUse: () => void
    readonly onChange: (before: StoredSession | undefined) => void
    readonly waitMs: () => number
  },
): CustomStorage {
  async function use<Value>(work: () => Promise<Value>): Promise<Value> {
    onUse()
    await whenAwake()
    await new Promise((resolve) => setTimeout(resolve, waitMs()))
    const value = await work()
    await whenAwake()
    return value
  }
  return {
    get: (key) => use(() => storage.get(key)),
    set: (key, value) => use(() => storage.set(key, value)),
    delete: (key) => use(() => storage.delete(key)),
    // In one step, as IndexedDB does it: a tab that is frozen writes nothing later.
    update: (key, change) =>
      use(async () => {
        const before = await storage.get(key)
        const after = change(before)
        if (after === before) return
        await (after === undefined ? storage.delete(key) : storage.set(key, after))
        onChange(before as StoredSession | undefined)
      }),
  }
}
