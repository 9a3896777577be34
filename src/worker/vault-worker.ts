// The script of the worker: a file of its own, without imports once it is built, so that a page
// loads it under a strict policy, as a classic script or as a module.
import { ownFields } from '../protocol/without-prototype.ts'
import { createVault } from './vault.ts'

const vault = createVault((url, init) => fetch(url, init))

/** Answers one page, or the one page of a worker of its own. */
function serve(port: Pick<MessagePort, 'postMessage' | 'onmessage'>): void {
  port.onmessage = async ({ data }) => {
    const { id } = ownFields(data)
    // What went wrong may quote what was sent.
    const answer = await vault(data).catch(() => undefined)
    port.postMessage({ id, answer })
  }
}

const scope = globalThis as unknown as Pick<MessagePort, 'postMessage' | 'onmessage'> & {
  onconnect?: (event: MessageEvent) => void
}
if ('onconnect' in scope) scope.onconnect = ({ ports }) => ports.forEach(serve)
else serve(scope)
