import { CLIENT_ID, type Pair } from './serve.ts'

/** An authorization request made by hand, for tests of the harness and of servers' answers. */
export function createAuthorizationUrl(
  { app, issuer }: Pair,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: `${app.origin}/callback`,
    response_type: 'code',
    scope: 'openid',
    state: 'some-state',
    nonce: 'some-nonce',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...parameters,
  })
  return `${issuer}/authorize?${query}`
}

/**
 * Loads a URL in a frame and resolves with the first response that is posted from it. Runs in the
 * page: it may refer to nothing outside itself.
 */
export function askInFrame(src: string): Promise<Record<string, string>> {
  return new Promise((resolve) => {
    const frame = document.createElement('iframe')
    const onMessage = ({ source, data }: MessageEvent<{ response: Record<string, string> }>) => {
      if (source !== frame.contentWindow) return
      removeEventListener('message', onMessage)
      frame.remove()
      resolve(data.response)
    }
    addEventListener('message', onMessage)
    frame.src = src
    document.body.append(frame)
  })
}
