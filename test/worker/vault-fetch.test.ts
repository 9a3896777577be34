import { expect, test } from 'vitest'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { createVaultFetch } from '../../src/worker/vault-fetch.ts'
import { outcome } from '../support/protocol-exchange.ts'
import { LOGIN, TOKEN_URL } from '../support/test-vault.ts'

// covers spec:token-endpoint-redirect
test.each([
  ['the worker', true],
  ['the page, without a worker,', false],
])('a redirect that %s has not followed is one', async (_who, isReady) => {
  const connection = {
    isShared: () => true,
    isReady: async () => isReady,
    ask: async () => ({ status: 0, headers: [], text: '' }),
  }
  const page = async (): Promise<Response> => Response.error()
  const send = createVaultFetch(page, connection, () => undefined, 1000)
  const body = new URLSearchParams(LOGIN)
  const attempt = createBoundedFetch(send, 1000)(TOKEN_URL, { method: 'POST', body })
  expect(await outcome(attempt)).toBe('server_error/redirect')
})
