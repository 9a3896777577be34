// The panel of `sotto/devtools` in a page of happy-dom.
import { showDevtools } from 'sotto/devtools'
import { onTestFinished } from 'vitest'
import { createClient, type TestClient } from './flow-client.ts'

/** The panel of a client, which is open. */
export function open(client: TestClient = createClient()) {
  const stop = showDevtools(client.auth, { open: true })
  onTestFinished(stop)
  return { ...client, stop }
}

export const host = () => document.querySelector('sotto-devtools')
export const root = () => host()!.shadowRoot!
export const text = () => root().textContent ?? ''
export const press = (name: string) =>
  [...root().querySelectorAll('button')].find((one) => one.textContent === name)!.click()
