// @vitest-environment happy-dom
// The requests that the panel shows, as the browser has timed them.
import { showDevtools } from 'sotto/devtools'
import { beforeEach, expect, test, vi } from 'vitest'
import { open, root, text } from '../support/devtools.ts'
import { createClient, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

/** Stands in for the browser, which times the requests of the page. */
function timeRequests(...requests: readonly (readonly [name: string, initiatorType: string])[]) {
  const disconnect = vi.fn<() => void>()
  const entries = requests.map(([name, initiatorType]) => ({
    ...{ name, initiatorType, startTime: 1500, duration: 41.6 },
  }))
  vi.stubGlobal(
    'PerformanceObserver',
    class {
      readonly tell: (list: { getEntries(): unknown }) => void
      constructor(tell: (list: { getEntries(): unknown }) => void) {
        this.tell = tell
      }
      observe({ buffered }: { readonly buffered: boolean }) {
        if (buffered) this.tell({ getEntries: () => entries })
      }
      disconnect = disconnect
    },
  )
  return disconnect
}

test('shows what was asked of the server, without what stands in the addresses', async () => {
  const { auth, logIn } = createClient()
  await logIn()
  const disconnect = timeRequests(
    ['https://login.example.com/authorize?state=secret&code_challenge=x', 'iframe'],
    ['https://login.example.com/token', 'fetch'],
    ['https://login.example.com/token', 'script'],
    ['https://login.example.com/other', 'fetch'],
    ['https://cdn.example.com/app.js', 'fetch'],
  )
  const stop = showDevtools(auth, { open: true })
  const at = new Date(performance.timeOrigin + 1500).toTimeString().slice(0, 8)
  expect(text()).toContain(`Requests/token${at}fetch · 42 ms/authorize${at}frame · 42 msSet-up`)
  expect(root().innerHTML).not.toMatch(/secret|code_challenge|cdn/)
  stop()
  expect(disconnect).toHaveBeenCalled()
})

test('knows an endpoint with a query, and metadata at another place', async () => {
  const metadata = 'https://meta.example.com/server.json'
  timeRequests([metadata, 'fetch'], ['https://login.example.com/token?p=secret', 'fetch'])
  open(createClient({ metadata }))
  expect(text()).toContain('/server.json')
  const client = createClient()
  client.server.control.addFault({
    ...{ endpoint: 'discovery', name: 'metadata' },
    set: { token_endpoint: 'https://login.example.com/token?p=secret' },
  })
  await client.auth.loginWithRedirect()
  document.body.replaceChildren()
  open(client)
  expect(text()).toMatch(/Requests\/token/)
  expect(root().innerHTML).not.toContain('secret')
})

test('shows all the rest where the browser times no requests', () => {
  vi.stubGlobal('PerformanceObserver', undefined)
  open()
  expect(text()).toContain('RequestsNone yet.')
  expect(text()).toContain('issuer')
})
