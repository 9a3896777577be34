import { tryOrUndefined } from './try-or-undefined.ts'

/**
 * Shows another address for this page. Safari and Firefox refuse that to a page that has done so
 * too often in a few seconds, as an app may have: what it is for goes on without it.
 */
export function replaceAddress(state: unknown, url: string | undefined): void {
  tryOrUndefined(() => history.replaceState(state, '', url))
}
