import { vi } from 'vitest'
import { silentIframe, type SilentIframeOptions } from 'sotto'
import { createAuthorizationServer } from 'sotto/testing'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { isAuthError, type AuthError } from '../../src/errors.ts'
import { createServerClock } from '../../src/protocol/server-clock.ts'
import { createServerSource } from '../../src/protocol/server-source.ts'
import type { InternalStrategy } from '../../src/renewal/internal-strategy.ts'
import { createFramePage } from './frame-page.ts'
import { clientId, issuer, redirectUri } from './protocol-exchange.ts'

/** The page of ours that frames may come back to in place of the app. */
export const callbackUri = 'https://app.example/silent.html'

/** How long a busy machine may take, in milliseconds. */
const BUSY = 10_000

export interface FrameSetUp {
  readonly responseModes?: readonly string[]
  /** Whose ID token the client has. */
  readonly idToken?: string
  /** The client's own deadline, in milliseconds. */
  readonly timeoutMs?: number
  /** Whether a frame with these settings was ever answered. */
  readonly hasAnswered?: boolean
  /** How long frames have been quiet, in milliseconds. */
  readonly quietForMs?: number
  readonly isReachable?: boolean
  readonly login?: { readonly isNew: boolean; readonly isSuspect: boolean }
}

export interface Asked {
  readonly accessToken?: string
  readonly error?: AuthError
}

/** One strategy of a page whose frame a test answers, and what the client is told. */
export function createSilentFrame(settings: SilentIframeOptions, setUp: FrameSetUp = {}) {
  const page = createFramePage()
  // Each frame begins with an empty page.
  page.frame.onAppend = () =>
    void (page.frame.contentWindow = { location: { href: 'about:blank' } })
  const { responseModes = ['query', 'fragment', 'web_message'] } = setUp
  const redirectUris = [redirectUri, callbackUri]
  const server = createAuthorizationServer({
    issuer,
    signingAlg: 'ES256',
    responseModes: responseModes as ('query' | 'fragment' | 'web_message')[],
    clients: [{ clientId, redirectUris }],
  })
  const told: string[] = []
  const say =
    <Value>(what: string, value: Value) =>
    (): Value => {
      told.push(what)
      return value
    }
  const fetch = createBoundedFetch(server.fetch, 5000)
  const clock = createServerClock(() => {})
  const source = createServerSource({ issuer, idTokenSignature: 'verify' }, fetch, Date.now, clock)
  const context = {
    issuer,
    clientId,
    redirectUri,
    fetch,
    options: {
      issuer,
      clientId,
      authorizationParams: {},
      clockToleranceSeconds: 30,
      timeoutMs: setUp.timeoutMs ?? 10_000,
    },
    session: setUp.idToken ? { identity: { idToken: setUp.idToken } } : {},
    server: { ...source, isReachable: vi.fn(async () => setUp.isReachable ?? true) },
    frames: {
      answered: vi.fn((_settings: string) => !setUp.hasAnswered),
      hasAnswered: vi.fn((_settings: string) => !!setUp.hasAnswered),
      stayedQuiet: say('stayed quiet', undefined),
      quietForMs: () => setUp.quietForMs ?? -Infinity,
    },
    cookies: {
      succeeded: say('succeeded', undefined),
      cleared: say('cleared', undefined),
      loginRequired: say('login required', setUp.login ?? { isNew: false, isSuspect: false }),
    },
    warn: (code: string, reason: string) => void told.push(`${code}/${reason}`),
  }
  const strategy = silentIframe(settings) as unknown as InternalStrategy
  const target = { scope: 'openid profile', resource: [], authorizationParams: {} }

  /** Asks; `isInBackground` where no call of the app waits. */
  function ask(isInBackground = false): Promise<Asked> {
    const options = {
      signal: new AbortController().signal,
      onTokenRequest: say('code sent', undefined),
      isInBackground,
    }
    return strategy(context as never, target, options as never).then(
      (result) => ('tokens' in result ? { accessToken: result.tokens.accessToken } : {}),
      (error: unknown) => {
        if (isAuthError(error)) return { error }
        throw error
      },
    )
  }

  /** The request that the frame was sent with, once there is one more. */
  async function asked(times = 1): Promise<URL> {
    await vi.waitFor(() => {
      if (page.append.mock.calls.length < times) throw new Error('no frame yet')
    }, BUSY)
    return new URL(page.frame.src)
  }

  /** What the server answers where this user is signed in, or nobody. */
  function respond(url: URL, user?: string): URL {
    const outcome = server.control.authorize({ url: url.href, ...(user && { user }) })
    if (!('location' in outcome)) throw new Error('not by redirect')
    return new URL(outcome.location)
  }

  /** Leads the frame back with an error. */
  async function refuse(error: string, times = 1, description?: string): Promise<void> {
    const { searchParams } = await asked(times)
    const back = new URL(searchParams.get('redirect_uri')!)
    for (const [name, value] of Object.entries({
      error,
      ...(description && { error_description: description }),
      state: searchParams.get('state')!,
      iss: issuer,
    }))
      back.searchParams.set(name, value)
    page.load(back.href)
  }

  /** Has the server post a message, as a browser delivers it. */
  function post(data: object, origin = issuer): void {
    const { contentWindow: source } = page.frame
    page.window.emit('message', { isTrusted: true, source, origin, data })
  }

  return { ...page, server, context, told, ask, asked, respond, refuse, post }
}
