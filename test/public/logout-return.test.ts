// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, preparePage } from '../support/flow-client.ts'

beforeEach(() => {
  preparePage()
  vi.useRealTimers()
})

/** Logs out, and puts where the server sends the user into the address bar. */
async function returnFromLogout(postLogoutRedirectUri: string) {
  const page = createClient()
  await page.auth.getTokenSilently()
  await page.auth.logout({ postLogoutRedirectUri })
  const state = page.visits[0]?.searchParams.get('state')
  const url = new URL(postLogoutRedirectUri, location.origin)
  url.search += `${url.search ? '&' : '?'}state=${state}`
  history.replaceState({ mine: true }, '', url)
  return createClient({}, { server: page.server })
}

// covers fault:logout-other-state
test.each(['/', '/signed-out?state=open&code=SUMMER&state=CA&q=a%20b+c#/route?state=x'])(
  'start takes exactly our state out of %s, and asks nobody',
  async (path) => {
    const { auth, renewal, server } = await returnFromLogout(path)
    server.control.clearRequests()
    expect(await auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
    expect(location.href).toBe(`http://localhost:3000${path}`)
    expect(history.state).toEqual({ mine: true })
    expect(renewal.requests).toEqual([])
    expect(server.control.requests()).toEqual([])
  },
)

// covers fault:logout-other-state
test.each(['/?', '/?state=open', '/?state=abc-logout.x', '/#state=tag-logout.x'])(
  'start leaves %s as it is',
  async (path) => {
    history.replaceState(null, '', path)
    await createClient().auth.start()
    expect(location.href).toBe(`http://localhost:3000${path}`)
  },
)

// covers spec:logout-state fault:logout-link
test('a link with the state of a logout signs nobody out', async () => {
  const page = await returnFromLogout('/')
  const address = location.href
  await page.logIn()
  const next = createClient()
  history.replaceState(null, '', address)
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(location.search).toBe('')
})

test('handleRedirectCallback finds no login in the URL of a logout', async () => {
  const { auth } = await returnFromLogout('/callback')
  await expect(auth.handleRedirectCallback()).rejects.toMatchObject({ code: 'state_unknown' })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a login works after a logout that came back', async () => {
  const page = await returnFromLogout('/callback')
  await page.auth.start()
  await page.logIn()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})
