import { Auth0Client, CacheKey, InMemoryCache, type Cacheable } from '@auth0/auth0-spa-js'
import { readSetting, run, timeCall } from './bench-app.ts'

const { issuer, clientId, redirectUri, mode } = readSetting()
const domain = issuer.slice(0, -1)
const scope = 'openid profile email'
const auth = new Auth0Client({
  domain,
  clientId,
  cacheLocation: mode === 'local' || mode === 'tabs' ? 'localstorage' : 'memory',
  useRefreshTokens: mode === 'refresh' || mode === 'tabs',
  authorizationParams: { redirect_uri: redirectUri, scope },
})

async function readUser(): Promise<string | undefined> {
  return (await auth.getUser())?.sub
}

/** Fills its own cache in memory as it does itself. */
async function measureCached(entries: number): Promise<number> {
  const cache = new InMemoryCache().enclosedCache
  const audienceOf = (index: number): string => `https://api-${index}.example.com`
  const expiresAt = Math.floor(Date.now() / 1000) + 3600
  for (let index = 0; index < entries; index++) {
    const audience = audienceOf(index)
    const body = { access_token: 'a', expires_in: 3600, client_id: clientId, audience, scope }
    const entry = { body, expiresAt } as unknown as Cacheable
    await cache.set(new CacheKey({ clientId, audience, scope }).toKey(), entry)
  }
  const user = { id_token: 'a.b.c', decodedToken: { claims: {}, user: {} } }
  const userKey = new CacheKey({ clientId }, undefined, '@@user@@').toKey()
  await cache.set(userKey, user as unknown as Cacheable)
  const filled = new Auth0Client({ domain, clientId, cache, authorizationParams: { scope } })
  const call = { authorizationParams: { audience: audienceOf(entries - 1) } }
  if ((await filled.getTokenSilently({ ...call, cacheMode: 'cache-only' })) !== 'a')
    throw new Error('The cache of auth0-spa-js is not filled')
  return timeCall(() => filled.getTokenSilently(call))
}

await run({
  start: async () => {
    await auth.checkSession()
    return readUser()
  },
  finishLogin: async () => {
    await auth.handleRedirectCallback()
    history.replaceState(null, '', location.pathname)
    return readUser()
  },
  login: () => auth.loginWithRedirect(),
  renew: () => auth.getTokenSilently({ cacheMode: 'off' }),
  getToken: () => auth.getTokenSilently(),
  measureCached,
})
