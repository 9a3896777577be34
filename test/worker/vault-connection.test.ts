import { expect, test, vi } from 'vitest'
import type { VaultRequest } from '../../src/worker/messages.ts'
import { createVaultConnection } from '../../src/worker/vault-connection.ts'

test('begins no worker for a page that is done with it', async () => {
  const open = vi.fn<() => Worker>()
  const reason = new Error('done')
  const connection = createVaultConnection(open, AbortSignal.abort(reason), () => {})
  await expect(connection.ask({ verb: 'read', key: 'a' })).rejects.toBe(reason)
  expect(await connection.isReady()).toBeUndefined()
  expect(connection.isShared()).toBe(false)
  expect(open).not.toHaveBeenCalled()
})

/** A worker that answers what it is told to. */
function createWorker() {
  const asked: { readonly id: string; readonly verb: string }[] = []
  const worker = {
    postMessage: (message: (typeof asked)[number]) => void asked.push(message),
    terminate: vi.fn(),
    onmessage: undefined as unknown as (event: { readonly data: unknown }) => void,
  }
  const answer = async (verb: string, given: unknown): Promise<void> => {
    await vi.waitFor(() => expect(asked.at(-1)?.verb).toBe(verb))
    const { id } = asked.find((one) => one.verb === verb)!
    worker.onmessage({ data: { id, answer: given } })
  }
  return { asked, worker, answer, open: () => worker as unknown as Worker }
}

test('a worker that sends a code is left when its answer has come', async () => {
  const { asked, worker, answer, open } = createWorker()
  const ended = new AbortController()
  const connection = createVaultConnection(open, ended.signal, () => {})
  const sending = connection.ask({ verb: 'send' } as VaultRequest)
  await answer('hello', { version: 1 })
  await vi.waitFor(() => expect(asked.at(-1)?.verb).toBe('send'))
  ended.abort()
  expect(worker.terminate).not.toHaveBeenCalled()
  await answer('send', 'granted')
  expect(await sending).toBe('granted')
  expect(worker.terminate).toHaveBeenCalledOnce()
})
