import type { BrowserContext, Response } from '@playwright/test'
import type { Pair } from '../serve.ts'

/**
 * Knows whether a session has to be alive, from the server alone: what it has, and what it has said
 * to the browser. It asks the library nothing.
 */
export interface Oracle {
  /** Whether there is a session that a frame can renew, or a refresh token that was not refused. */
  readonly mustBeAlive: () => boolean
  /** Whether the server has had a reason to say that nobody is logged in, since the last login. */
  readonly mayBeOver: () => boolean
  /** A person has logged in; what was said before says nothing any more. */
  readonly loggedIn: () => void
  /** The app has logged its user out. */
  readonly loggedOut: () => void
}

/** Listens to all that the tabs of the browser are told. */
export function createOracle(context: BrowserContext, { control, issuer }: Pair): Oracle {
  let isRefused = false
  let wasOver = false
  let isLoggedOut = false
  const hasSession = (): boolean => {
    const has = control.sessions().length > 0
    wasOver ||= !has
    return has
  }

  async function listen(response: Response): Promise<void> {
    const url = new URL(response.url())
    hasSession()
    if (!url.href.startsWith(issuer) || !url.pathname.endsWith('/token')) return
    const isLogin = response.request().postData()?.includes('grant_type=authorization_code')
    if (response.status() === 200 && isLogin) isRefused = false
    if (response.status() !== 400 || isLogin) return
    // The library ends each request when it has read the answer, and Playwright may have no body
    // then, nor a `requestfinished`: the benefit of the doubt is the library's.
    const text = await response.text().catch(() => '"invalid_grant"')
    if (text.includes('"invalid_grant"')) isRefused = true
  }
  context.on('response', (response) => void listen(response).catch(() => {}))

  return {
    mustBeAlive: () => !isLoggedOut && (hasSession() || !isRefused),
    mayBeOver: () => isLoggedOut || !hasSession() || wasOver,
    loggedIn() {
      isRefused = wasOver = isLoggedOut = false
    },
    loggedOut: () => void (isLoggedOut = true),
  }
}
