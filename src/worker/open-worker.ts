import { ownFields } from '../protocol/without-prototype.ts'
import type { VaultScript } from './vault-script.ts'

export interface OpenedWorker {
  /** Absent where the browser has refused the worker. */
  readonly post?: (message: unknown) => void
  /** Whether tabs share it. */
  readonly isShared: boolean
  /** Leaves it; one of this page alone ends. */
  end(): void
}

interface WorkerListener {
  readonly onMessage: (data: unknown) => void
  readonly onError: () => void
}

/** Begins a worker. Never throws. */
export function openWorker(script: VaultScript, listener: WorkerListener): OpenedWorker {
  try {
    const worker = create(script)
    const port = 'port' in worker ? worker.port : worker
    worker.onerror = listener.onError
    port.onmessage = ({ data }) => listener.onMessage(data)
    return {
      post: (message) => port.postMessage(message),
      isShared: 'port' in worker,
      end: () => ('close' in port ? port.close() : port.terminate()),
    }
  } catch {
    return { isShared: false, end() {} }
  }
}

function create(script: VaultScript): SharedWorker | Worker {
  if (typeof script === 'function') return script()
  // As it is: a TrustedScriptURL is one no more once it is a text.
  const address = script as string
  if (typeof SharedWorker !== 'function') return new Worker(address, ownFields({ name: 'sotto' }))
  // Where a browser knows it, the worker outlives the reload of the only tab.
  const options: WorkerOptions = ownFields({ name: 'sotto', extendedLifetime: true })
  return new SharedWorker(address, options)
}
