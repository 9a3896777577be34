import { scriptSafeJson } from '../server/encoding.ts'
import type { Session } from '../server/records.ts'
import { browserStateName } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import type { AuthorizationRequest } from './authorization-request.ts'

/**
 * The session as the client may know it. Real servers have a salted hash in place of the session
 * ID; this server's is no secret, it is in the ID token.
 *
 * @see {@link https://openid.net/specs/openid-connect-session-1_0.html#CreatingUpdatingSessions OpenID Connect Session Management, section 3}
 */
export function sessionStateOf(
  { clientId, redirectUri }: Pick<AuthorizationRequest, 'clientId' | 'redirectUri'>,
  { sid }: Session,
): string {
  return encodeURIComponent(JSON.stringify([clientId, new URL(redirectUri).origin, sid]))
}

const script = (cookieName: string) => `addEventListener('message', ({ data, origin, source }) => {
  const [clientId, sessionState = ''] = String(data).split(' ')
  let answer = 'error'
  try {
    const [ofClient, ofOrigin, sid] = JSON.parse(decodeURIComponent(sessionState))
    if (ofClient === clientId && ofOrigin === origin)
      answer = document.cookie.split('; ').includes(${scriptSafeJson(`${cookieName}=`)} + sid)
        ? 'unchanged'
        : 'changed'
  } catch {}
  source.postMessage(answer, origin)
})`

/**
 * The page that an app keeps in a frame, and asks whether the session has changed.
 *
 * @see {@link https://openid.net/specs/openid-connect-session-1_0.html#OPiframe OpenID Connect Session Management, section 3.2}
 */
export async function checkSession(state: ServerState): Promise<Response> {
  const nonce = crypto.randomUUID()
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
  const html = `<!doctype html>
<meta charset="utf-8">
<title>Session</title>
<script nonce="${nonce}">${script(browserStateName(state))}</script>
`
  return new Response(html, { headers })
}
