// The server as its documentation sets it up, with a login page, which every app brings itself, and
// with CORS headers, which it has none of.
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const [issuer, clientId, appOrigin] = process.argv.slice(2)
const { origin, port } = new URL(issuer)
const { EMAIL: email, NAME: name, PASSWORD: password } = process.env

const tables = [
  ...['user', 'session', 'account', 'verification', 'jwks', 'oauthClient', 'oauthResource'],
  ...['oauthClientResource', 'oauthRefreshToken', 'oauthAccessToken', 'oauthConsent'],
  'oauthClientAssertion',
]
const auth = betterAuth({
  baseURL: origin,
  secret: 'only-for-tests-0123456789abcdefgh',
  database: memoryAdapter(Object.fromEntries(tables.map((table) => [table, []]))),
  emailAndPassword: { enabled: true },
  trustedOrigins: [appOrigin],
  rateLimit: { enabled: false },
  plugins: [
    jwt(),
    oauthProvider({
      loginPage: '/login',
      consentPage: '/consent',
      generateClientId: () => clientId,
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
    }),
  ],
})

const body = { email, name, password }
const { headers: signedUp } = await auth.api.signUpEmail({ body, returnHeaders: true })
const cookies = signedUp.getSetCookie().map((cookie) => cookie.split(';')[0])
await auth.api.adminCreateOAuthClient({
  headers: new Headers({ cookie: cookies.join('; ') }),
  body: {
    // It takes http and localhost of these only.
    application_type: 'native',
    redirect_uris: [`${appOrigin}/callback`],
    post_logout_redirect_uris: [`${appOrigin}/`],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
    skip_consent: true,
    enable_end_session: true,
  },
})

const LOGIN_PAGE = `<!doctype html>
<title>Log in</title>
<form>
  <input id="email"><input id="password" type="password"><button>Log in</button>
</form>
<script>
  document.forms[0].addEventListener('submit', async (event) => {
    event.preventDefault()
    const body = JSON.stringify({
      email: document.getElementById('email').value,
      password: document.getElementById('password').value,
      oauth_query: location.search.slice(1),
    })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch('/api/auth/sign-in/email', { method: 'POST', headers, body })
    location.href = (await answer.json()).url
  })
</script>`

const CORS = {
  'access-control-allow-origin': appOrigin,
  'access-control-allow-headers': 'authorization, content-type',
}
const handle = toNodeHandler(auth)
createServer((request, response) => {
  const { pathname } = new URL(request.url, origin)
  for (const [header, value] of Object.entries(CORS)) response.setHeader(header, value)
  if (request.method === 'OPTIONS') response.writeHead(204).end()
  else if (pathname === '/login')
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(LOGIN_PAGE)
  else void handle(request, response)
}).listen(Number(port), 'localhost')
