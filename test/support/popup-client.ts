import type { ClientOptions } from 'sotto'
import { onTestFinished, vi } from 'vitest'
import { createClient, type TestClient, type TestOptions } from './flow-client.ts'

export interface PopupClient extends TestClient {
  readonly open: ReturnType<typeof vi.fn>
  /** Where popups were led, oldest first. */
  readonly asked: URL[]
  /** Answers the request of the last popup, as the page there does. */
  answerPopup(user?: string): Promise<void>
  readonly popup: { closed: boolean; readonly focus: ReturnType<typeof vi.fn> }
}

/** A client whose page opens popups that exist in name only: the server is asked by the test. */
export function createPopupClient(
  options: TestOptions & Partial<ClientOptions> = {},
  setting: Parameters<typeof createClient>[1] = {},
): PopupClient {
  const client = createClient(options, setting)
  const asked: URL[] = []
  const popup = {
    closed: false,
    close() {
      popup.closed = true
    },
    focus: vi.fn(),
    location: { href: 'about:blank', replace: (url: URL) => void asked.push(url) },
  }
  const open = vi.fn(() => {
    popup.closed = false
    return popup
  })
  vi.stubGlobal('open', open)
  return {
    ...client,
    open,
    asked,
    popup,
    async answerPopup(user = 'alice') {
      await vi.waitFor(() => {
        if (!asked.length) throw new Error('not asked')
      })
      const url = asked.shift()!
      const outcome = client.server.control.authorize({ url: url.href, user })
      if (!('location' in outcome)) throw new Error('no redirect')
      const channel = new BroadcastChannel(`sotto:${url.searchParams.get('state')}`)
      onTestFinished(() => channel.close())
      channel.postMessage({ type: 'sotto:callback', href: outcome.location })
    },
  }
}
