import { expect, test } from 'vitest'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { createVaultFetch } from '../../src/worker/vault-fetch.ts'
import { outcome } from '../support/protocol-exchange.ts'
import { LOGIN, TOKEN_URL } from '../support/test-vault.ts'

// covers spec:token-endpoint-redirect
test('a redirect that the worker has not followed is one', async () => {
  const connection = {
    isShared: () => true,
    isReady: async () => true,
    ask: async () => ({ status: 0, headers: [], text: '' }),
  }
  const send = createVaultFetch(undefined, connection, () => undefined, 1000)
  const body = new URLSearchParams(LOGIN)
  const attempt = createBoundedFetch(send, 1000)(TOKEN_URL, { method: 'POST', body })
  expect(await outcome(attempt)).toBe('server_error/redirect')
})
