// The same requests by hand, without a check: no metadata, no keys, no `state`, no nonce looked at.
import { get, set } from 'idb-keyval'
import { readSetting, run, timeCall } from './bench-app.ts'

const { issuer, clientId, redirectUri, silentUri, mode } = readSetting()
/** In memory; the tokens besides in `localStorage` or IndexedDB. */
let refreshToken: string | undefined

interface TokenResponse {
  readonly access_token: string
  readonly id_token: string
  readonly refresh_token?: string
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '')
}

async function createRequest(
  redirect_uri: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly verifier: string }> {
  const verifier = encode(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const url = `${issuer}authorize?${new URLSearchParams({
    client_id: clientId,
    redirect_uri,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'x',
    nonce: 'y',
    code_challenge_method: 'S256',
    code_challenge: encode(new Uint8Array(digest)),
    ...more,
  }).toString()}`
  return { url, verifier }
}

async function requestToken(parameters: Record<string, string>): Promise<string | undefined> {
  const response = await fetch(`${issuer}oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...parameters }),
  })
  const tokens = (await response.json()) as TokenResponse
  refreshToken = tokens.refresh_token
  if (mode === 'local') localStorage.setItem('tokens', JSON.stringify(tokens))
  if (mode === 'indexed') await set('tokens', tokens)
  return readUser(tokens)
}

function readUser({ id_token }: TokenResponse): string | undefined {
  const payload = id_token.split('.')[1] ?? ''
  const claims = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as { sub?: string }
  return claims.sub
}

const exchange = (code: string, code_verifier: string, redirect_uri: string) =>
  requestToken({ grant_type: 'authorization_code', code, code_verifier, redirect_uri })

async function renew(): Promise<string | undefined> {
  if (mode === 'refresh' && refreshToken)
    return requestToken({ grant_type: 'refresh_token', refresh_token: refreshToken })
  const uri = mode === 'frame' ? silentUri : redirectUri
  const responseMode = mode === 'frame' ? 'query' : 'web_message'
  const { url, verifier } = await createRequest(uri, {
    prompt: 'none',
    response_mode: responseMode,
  })
  const frame = document.createElement('iframe')
  frame.style.cssText = 'position: fixed; width: 0; height: 0; visibility: hidden'
  const answer = new Promise<string>((resolve) => {
    if (mode === 'frame')
      frame.addEventListener('load', () =>
        resolve(new URLSearchParams(frame.contentWindow?.location.search).get('code') ?? ''),
      )
    else
      addEventListener(
        'message',
        ({ data }) => resolve((data as { response: { code: string } }).response.code),
        { once: true },
      )
  })
  frame.src = url
  document.body.append(frame)
  const code = await answer
  frame.remove()
  return exchange(code, verifier, uri)
}

const tokens = new Map<string, string>()

await run({
  start: async () => {
    if (mode === 'indexed') {
      const kept = await get<TokenResponse>('tokens')
      if (kept) return readUser(kept)
    }
    const stored = localStorage.getItem('tokens')
    if (stored) return readUser(JSON.parse(stored) as TokenResponse)
    return localStorage.getItem('signed-in') ? renew() : undefined
  },
  finishLogin: async () => {
    const code = new URLSearchParams(location.search).get('code') ?? ''
    history.replaceState(null, '', location.pathname)
    localStorage.setItem('signed-in', 'yes')
    return exchange(code, sessionStorage.getItem('verifier') ?? '', redirectUri)
  },
  login: async () => {
    const { url, verifier } = await createRequest(redirectUri)
    sessionStorage.setItem('verifier', verifier)
    location.assign(url)
  },
  renew,
  measureCached: async (entries) => {
    tokens.clear()
    for (let index = 0; index < entries; index++)
      tokens.set(`https://api-${index}.example.com`, 'a')
    const audience = `https://api-${entries - 1}.example.com`
    return timeCall(async () => tokens.get(audience))
  },
})
