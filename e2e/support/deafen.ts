/** Runs in the page, before its first script: it hears nothing of other tabs. */
export function deafen(): void {
  Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined })
  addEventListener('storage', (event) => event.stopImmediatePropagation())
}
