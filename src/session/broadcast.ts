import { ownFields } from '../protocol/without-prototype.ts'
import { isMark, type SessionMark } from './session-epoch.ts'

export interface Broadcast {
  /** Begins to listen. */
  open(): void
  /**
   * Tells the other tabs that something changed, never what.
   *
   * @param loginId the login that it was, so that another client of the same page does not take it for a second one
   */
  send(mark: SessionMark, loginId?: string): void
  close(): void
}

export interface BroadcastHandlers {
  /** Another tab, or another client of this page, logged in or out. */
  onHint(mark: SessionMark, loginId?: unknown): void
  /** The mark may have been changed: by another tab, or while this page was in the back/forward cache and heard nothing. */
  onMark(): void
}

/**
 * Connects the tabs of one issuer and client. Two ways, because each has its gap: a channel works where `localStorage` is blocked,
 * and storage events reach a page that a channel has lost.
 *
 * @param key the name of the channel, and the `localStorage` key of the mark
 */
export function createBroadcast(key: string, { onHint, onMark }: BroadcastHandlers): Broadcast {
  let channel: BroadcastChannel | undefined
  const listening = new AbortController()
  return {
    open() {
      const whileOpen = ownFields({ signal: listening.signal })
      addEventListener('storage', (event) => event.key === key && onMark(), whileOpen)
      addEventListener('pageshow', (event) => event.persisted && onMark(), whileOpen)
      // Absent in old browsers and in jsdom: storage events are left.
      if (!globalThis.BroadcastChannel) return
      channel = new BroadcastChannel(key)
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        const { mark, loginId } = ownFields(data)
        if (isMark(mark))
          onHint({ generation: mark.generation, loggedOut: mark.loggedOut }, loginId)
      }
    },
    send(mark, loginId) {
      channel?.postMessage({ mark, loginId })
    },
    close() {
      listening.abort()
      channel?.close()
      channel = undefined
    },
  }
}
