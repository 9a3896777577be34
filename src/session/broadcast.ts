import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { readEpoch, type SessionEpoch } from './session-epoch.ts'

export interface Broadcast {
  /** Begins to listen. */
  open(): void
  /** Tells the other tabs that something changed, never what. */
  send(epoch: SessionEpoch): void
  close(): void
}

export interface BroadcastHandlers {
  /** Another tab logged in or out. */
  onHint(epoch: SessionEpoch): void
  /**
   * The epoch may have been changed: by another tab, or while this page was in the back/forward
   * cache and heard nothing.
   */
  onChange(): void
}

/**
 * Connects the tabs of one issuer and client. Two ways, because each has its gap: a channel works
 * where `localStorage` is blocked, and storage events reach a page that a channel has lost.
 *
 * @param key the name of the channel, and the `localStorage` key of the epoch
 */
export function createBroadcast(key: string, { onHint, onChange }: BroadcastHandlers): Broadcast {
  let channel: BroadcastChannel | undefined
  const listening = new AbortController()
  return {
    open() {
      const whileOpen = ownFields({ signal: listening.signal })
      addEventListener('storage', (event) => event.key === key && onChange(), whileOpen)
      addEventListener('pageshow', (event) => event.persisted && onChange(), whileOpen)
      // Absent in old browsers and in jsdom, refused where site data is blocked: storage events are
      // left.
      channel = tryOrUndefined(() => new BroadcastChannel(key))
      if (!channel) return
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        const epoch = readEpoch(ownFields(data)['epoch'])
        if (epoch) onHint(epoch)
      }
    },
    send({ generation, loggedOut }) {
      // It may be absent, or spoilt by another script of the page.
      tryOrUndefined(() => channel!.postMessage({ epoch: { generation, loggedOut } }))
    },
    close() {
      listening.abort()
      channel?.close()
      channel = undefined
    },
  }
}
