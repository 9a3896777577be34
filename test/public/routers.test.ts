// @vitest-environment happy-dom
// What a router hears that was made before `start`: its history has the address of the callback.
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createClient, preparePage, reload } from '../support/flow-client.ts'

beforeEach(preparePage)

/** What such a router keeps in the history's state. */
interface Place {
  readonly current: string
}

/**
 * A router's history as vue-router's is: its first navigation writes the address that it was made
 * at, and each push the one that the history's state has.
 */
function createRouter() {
  const address = (): string => location.pathname + location.search + location.hash
  const write = (current: string): void => history.replaceState({ current }, '', current)
  const hear = ({ state }: PopStateEvent): void => {
    if (!state) write(address())
  }
  addEventListener('popstate', hear)
  onTestFinished(() => removeEventListener('popstate', hear))
  const madeAt = address()
  write(madeAt)
  return {
    /** As soon as the guards and components of the first route are there. */
    finishFirstNavigation: () => write(madeAt),
    /** @returns the address that Back leads to then */
    push(to: string): string {
      write((history.state as Place).current)
      const left = address()
      history.pushState({ current: to }, '', to)
      return left
    },
  }
}

/** A page at the callback of a login that was begun at a path. */
async function arriveFrom(path: string, redirectUri = '/callback') {
  const page = createClient({ redirectUri })
  history.replaceState(null, '', path)
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  return reload(page, { redirectUri })
}

// covers threat:talking-addresses fault:router-first
test('the code is not in the address that is left, where a router was made before start', async () => {
  const { auth } = await arriveFrom('/orders?page=2')
  const router = createRouter()
  const started = auth.start()
  router.finishFirstNavigation()
  await started
  expect(router.push('/elsewhere')).toBe('/orders?page=2')
})

test('the code is not in the address either where the login was begun at the redirect URI', async () => {
  const { auth } = await arriveFrom('/', '/')
  const router = createRouter()
  const started = auth.start()
  router.finishFirstNavigation()
  await started
  expect(location.search).toBe('')
  expect(router.push('/elsewhere')).toBe('/')
})

test('the code is not in the address that is left, where a router is slower than start', async () => {
  const { auth } = await arriveFrom('/', '/')
  const router = createRouter()
  await auth.start()
  expect(router.push('/elsewhere')).toBe('/')
})

test('the code is not in the address that is left, where the app leads away later', async () => {
  const { auth } = await arriveFrom('/orders')
  const router = createRouter()
  const started = auth.start({ onCallback() {} })
  router.finishFirstNavigation()
  await started
  expect(router.push('/elsewhere')).toBe('/callback')
})

// As vue-router does with a hash history; Keycloak begins with the state, most servers with the code.
test.each(['code', 'state'])(
  'a response in the fragment is found where a hash router made a route of it, %s first',
  async (first) => {
    const { auth, server, answer } = createClient({ responseMode: 'fragment' })
    await auth.loginWithRedirect({ returnTo: '/#/orders' })
    const pairs = new URL(answer('alice')).hash.slice(1).split('&')
    pairs.sort((one, other) => Number(other.startsWith(first)) - Number(one.startsWith(first)))
    const address = `/callback#/${pairs.join('&')}`
    history.replaceState({ current: address }, '', address)
    expect(await auth.start()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
    expect(location.href).toBe('http://localhost:3000/#/orders')
    expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  },
)

// covers fault:router-first
test('the state of a logout is not in the address either, where a router was made before start', async () => {
  const page = createClient()
  await page.auth.getTokenSilently()
  await page.auth.logout({ postLogoutRedirectUri: '/' })
  history.replaceState(null, '', `/?state=${page.visits[0]?.searchParams.get('state')}`)
  const { auth } = createClient({}, { server: page.server })
  vi.useRealTimers()
  const router = createRouter()
  const started = auth.start()
  // Each guard and component of the route is waited for.
  for (let steps = 0; steps < 100; steps++) await Promise.resolve()
  router.finishFirstNavigation()
  await started
  expect(location.search).toBe('')
  expect(router.push('/elsewhere')).toBe('/')
})

test('a router hears nothing of a page that is no callback', async () => {
  const { auth } = createClient()
  history.replaceState(null, '', '/orders')
  let heard = 0
  const count = (): void => void heard++
  addEventListener('popstate', count)
  onTestFinished(() => removeEventListener('popstate', count))
  await auth.start()
  expect(heard).toBe(0)
})
