import {
  type ClientOptions,
  createAuthClient,
  indexedDbStorage,
  refreshToken,
  type RenewalStrategy,
  silentIframe,
  webStorage,
} from 'sotto'
import { type Mode, readSetting, run, timeCall } from './bench-app.ts'

const { app, issuer, clientId, redirectUri, silentUri, mode } = readSetting()
const options: Readonly<Record<Mode, Partial<ClientOptions>>> = {
  memory: { renewal: [silentIframe()] },
  local: { tokenStorage: webStorage(() => localStorage) },
  indexed: { tokenStorage: indexedDbStorage() },
  frame: { renewal: [silentIframe({ responseMode: 'query', callbackUri: silentUri })] },
  refresh: { renewal: [refreshToken()] },
  tabs: { renewal: [refreshToken()], tokenStorage: webStorage(() => localStorage) },
}
/** What a page need not read if the app has it written in. */
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}authorize`,
  token_endpoint: `${issuer}oauth/token`,
  jwks_uri: `${issuer}.well-known/jwks.json`,
  response_modes_supported: ['query', 'fragment', 'web_message'],
}
const auth = createAuthClient({
  issuer,
  clientId,
  redirectUri,
  ...options[mode],
  ...(app === 'sotto-metadata' && { metadata }),
})

async function start(): Promise<string | undefined> {
  const snapshot = await auth.start()
  if (snapshot.status === 'error') throw snapshot.error
  return snapshot.status === 'authenticated' ? snapshot.user.sub : undefined
}

async function measureCached(entries: number): Promise<number> {
  const claims = { iss: issuer, sub: 'alice', aud: `cache-${entries}`, iat: 1, exp: 2 }
  const tokens = {
    accessToken: 'a',
    tokenType: 'bearer',
    expiresInSeconds: 3600,
    idToken: 'a.b.c',
    claims,
  }
  const strategy: RenewalStrategy = async (_, { scope }) => ({ tokens: { ...tokens, scope } })
  // Clients of one page that have an id in common have a session in common.
  const filled = createAuthClient({
    issuer,
    clientId: `cache-${entries}`,
    redirectUri,
    renewal: [strategy],
  })
  for (let index = 0; index < entries; index++)
    await filled.getTokenSilently({ audience: `https://api-${index}.example.com` })
  const call = { audience: `https://api-${entries - 1}.example.com` }
  return timeCall(() => filled.getTokenSilently(call)).finally(() => filled.dispose())
}

await run({
  start,
  finishLogin: start,
  login: () => auth.loginWithRedirect(),
  renew: () => auth.getTokenSilently({ cacheMode: 'off' }),
  getToken: () => auth.getTokenSilently(),
  measureCached,
})
