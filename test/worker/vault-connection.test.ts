import { expect, test, vi } from 'vitest'
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
