import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { ownFields, ownJson } from '../protocol/without-prototype.ts'

/** What the page `sotto/front-channel-logout` was told by a server: whose session has ended. */
export interface LogoutNotice {
  readonly iss?: unknown
  readonly sid?: unknown
}

/** The channel, and the `localStorage` key of the last notice. */
const NAME = 'sotto:front-channel'

/**
 * Listens to the page `sotto/front-channel-logout`. What it says is foreign: any script of this
 * origin could say it, and anyone may open the page.
 *
 * @returns a function that looks at the last notice again
 */
export function listenToFrontChannel(
  listener: (notice: LogoutNotice) => void,
  signal: AbortSignal,
): () => void {
  const look = (): void => {
    listener(ownJson(tryOrUndefined(() => localStorage.getItem(NAME)) ?? ''))
  }
  // Refused where site data is blocked, absent in jsdom.
  const channel = tryOrUndefined(() => new BroadcastChannel(NAME))
  if (channel) channel.onmessage = ({ data }: MessageEvent<unknown>) => listener(ownFields(data))
  signal.addEventListener('abort', () => channel?.close())
  return look
}
