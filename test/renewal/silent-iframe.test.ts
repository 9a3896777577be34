// @vitest-environment happy-dom
import {
  createAuthClient,
  isAuthError,
  silentIframe,
  type RenewalContext,
  type SilentIframeOptions,
} from 'sotto'
import { createAuthorizationServer, type AuthorizationServerOptions } from 'sotto/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const issuer = 'https://login.example.com'

beforeEach(() => {
  history.replaceState(null, '', 'http://localhost:3000/')
  vi.stubGlobal('origin', location.origin)
})

afterEach(() => {
  document.body.replaceChildren()
})

interface Asked {
  readonly url?: URL
  readonly error?: string
  readonly requests: number
}

/** Asks silently, and tells what the frame was sent to; nothing is loaded. */
async function ask(
  options: SilentIframeOptions,
  server: Partial<AuthorizationServerOptions> & { readonly metadata?: object } = {},
): Promise<Asked> {
  const { metadata, ...rest } = server
  const { fetch, control } = createAuthorizationServer({ issuer, ...rest })
  const auth = createAuthClient({
    issuer,
    clientId: 'app',
    redirectUri: '/callback',
    fetch,
    ...(metadata && { metadata: { ...metadata } }),
    renewal: [silentIframe({ timeoutMs: 50, ...options })],
  })
  const append = vi.spyOn(document.body, 'append').mockImplementation(() => {})
  const error: unknown = await auth.getTokenSilently().catch((caught: unknown) => caught)
  const frame = append.mock.calls[0]?.[0] as HTMLIFrameElement | undefined
  auth.dispose()
  return {
    ...(frame && { url: new URL(frame.src) }),
    ...(isAuthError(error) && { error: `${error.code} ${error.reason ?? ''}` }),
    requests: control.requests().length,
  }
}

const staticMetadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
}

test.each([
  ['web_message where the metadata list no modes', undefined, 'web_message'],
  ['web_message where it is listed', ['query', 'fragment', 'web_message'], 'web_message'],
  ['fragment where web_message is not listed', ['query', 'fragment', 'form_post'], 'fragment'],
  ['no mode where neither is listed', ['form_post', 'query'], null],
  ['no mode where the list is empty', [], null],
  ['fragment where a text stands for the list', 'fragment', 'fragment'],
  ['no mode where a number stands for the list', 5, null],
  ['no mode where an object stands for the list', { 0: 'web_message' }, null],
  ['fragment where it is listed after null', [null, 'fragment'], 'fragment'],
])('asks for %s', async (_, modes, expected) => {
  const metadata = {
    ...staticMetadata,
    ...(modes !== undefined && { response_modes_supported: modes }),
  }
  const { url } = await ask({}, { metadata })
  expect(url?.searchParams.get('response_mode')).toBe(expected)
})

test.each(['web_message', 'fragment', 'okta_post_message'] as const)(
  'asks for the configured mode %s, whatever the metadata lists',
  async (responseMode) => {
    const { url } = await ask({ responseMode }, { responseModes: ['query'] })
    expect(url?.searchParams.get('response_mode')).toBe(responseMode)
  },
)

test.each([
  ['/silent.html', 'http://localhost:3000/silent.html'],
  ['http://localhost:3000/silent.html?v=1', 'http://localhost:3000/silent.html?v=1'],
  [undefined, 'http://localhost:3000/callback'],
])('with the callbackUri %s has the server redirect to %s', async (callbackUri, expected) => {
  const { url } = await ask({ ...(callbackUri && { callbackUri }) })
  expect(url?.searchParams.get('redirect_uri')).toBe(expected)
})

test.each<[string, SilentIframeOptions]>([
  ['another origin', { callbackUri: 'https://evil.example/silent.html' }],
  ['another origin, without its scheme', { callbackUri: '//evil.example/silent.html' }],
  ['a fragment', { callbackUri: '/silent.html#x' }],
  ['scripts and no page of its own', { allowScripts: true }],
  ['scripts and the redirect URI', { allowScripts: true, callbackUri: '/callback' }],
])('refuses a callbackUri with %s before anything is asked', async (_what, options) => {
  expect(await ask(options)).toEqual({ error: 'config_invalid callbackUri', requests: 0 })
})

test.each(['form_post', 'web_message.jwt', 'xquery', '', 'constructor'])(
  'refuses the response mode “%s”',
  (responseMode) => {
    expect(() => silentIframe({ responseMode } as unknown as SilentIframeOptions)).toThrow(
      expect.objectContaining({ code: 'config_invalid', reason: 'responseMode' }),
    )
  },
)

test('makes no frame in the background while cookies seem to be blocked', async () => {
  const append = vi.spyOn(document.body, 'append')
  const nothing = {} as RenewalContext
  const target = { scope: 'openid', resource: [], authorizationParams: {} }
  const { signal } = new AbortController()
  const result = silentIframe()(nothing, target, {
    signal,
    onTokenRequest() {},
    cookiesBlocked: true,
  })
  expect(await result).toEqual({ notPossible: 'cookies_blocked_suspected' })
  expect(append).not.toHaveBeenCalled()
})

test.each([
  ['responseMode', 5],
  ['responseMode', Symbol('query')],
  ['callbackUri', 5],
  ['timeoutMs', '5'],
  ['timeoutMs', -1],
])('refuses a %s of the wrong kind: %s', (name, value) => {
  expect(() => silentIframe({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: name }),
  )
})

/** Asks for fifty targets at once, and tells how it ends and how many frames there were at once. */
async function askForFifty(timeoutMs: number, isConnected: boolean) {
  const { fetch } = createAuthorizationServer({ issuer })
  const renewal = [silentIframe({ timeoutMs })]
  const auth = createAuthClient({
    issuer,
    clientId: 'app',
    redirectUri: '/callback',
    fetch,
    renewal,
  })
  const frames = { open: 0, most: 0, all: 0 }
  vi.spyOn(document.body, 'append').mockImplementation((node) => {
    const frame = node as HTMLIFrameElement
    const contentWindow = { location: { href: 'about:blank' } }
    Object.defineProperties(frame, {
      contentWindow: { value: contentWindow },
      isConnected: { value: isConnected },
      remove: { value: () => frames.open-- },
    })
    frames.most = Math.max(frames.most, ++frames.open)
    frames.all++
  })
  const targets = Array.from({ length: 50 }, (_, index) => `https://api-${index}.example`)
  const ends = await Promise.all(
    targets.map((audience) =>
      auth
        .getTokenSilently({ audience })
        .catch((error: unknown) => isAuthError(error) && error.code),
    ),
  )
  auth.dispose()
  return { ends: [...new Set(ends)], ...frames }
}

test('fifty targets at once have six frames at once, and each its own', async () => {
  const { ends, open, most, all } = await askForFifty(5000, false)
  // Each is taken away, which is seen when it is looked at.
  expect({ ends, open, most, all }).toEqual({ ends: ['silent_blocked'], open: 0, most: 6, all: 50 })
})

test('a target that waits too long for the frames of others is told so', async () => {
  const { ends, open, all } = await askForFifty(50, true)
  expect({ ends, open }).toEqual({ ends: ['silent_timeout'], open: 0 })
  expect(all).toBeLessThan(50)
})
