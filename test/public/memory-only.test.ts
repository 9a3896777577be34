// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { pendingLoginKeys } from '../support/flow-storage.ts'
import { createClient, createServer, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

/** Everything that a script could find later, as text. */
function storedTexts(): string {
  return JSON.stringify([
    Object.entries(localStorage),
    Object.entries(sessionStorage),
    document.cookie,
    location.href,
  ])
}

// covers threat:script-in-the-page spec:nothing-stored fault:storage-secrets
test('a login leaves no token, code or verifier in any storage by default', async () => {
  const open = vi.fn()
  vi.stubGlobal('indexedDB', { open })
  const server = createServer()
  const sent: string[] = []
  const page = createClient(
    {
      fetch: (url, init) => {
        if (init?.body) sent.push(...new URLSearchParams(String(init.body)).values())
        return server.fetch(url, init)
      },
    },
    { server },
  )
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  // The verifier is there while the login is under way: the search below would find it.
  expect(JSON.stringify(Object.entries(sessionStorage))).toContain('codeVerifier')
  await page.auth.start()
  const secrets = [...sent, await page.auth.getTokenSilently()]
  expect(secrets.length).toBeGreaterThan(4)
  const stored = storedTexts()
  for (const secret of secrets.filter((text) => text.length > 30))
    expect(stored).not.toContain(secret)
  expect(pendingLoginKeys()).toEqual([])
  expect(open).not.toHaveBeenCalled()
})
