// The server with the tables and settings of Debian's package; the plugin, the client and the user
// are made by its administration API, as its own pages do.
import { execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const [issuer, clientId, appOrigin] = process.argv.slice(2)
const { LOGIN: login, NAME: name, EMAIL: email, PASSWORD: password } = process.env
const { origin, port } = new URL(issuer)
const SHARE = '/usr/share/glewlwyd'
const folder = process.cwd()

rmSync('glewlwyd.sqlite3', { force: true })
execFileSync('sqlite3', ['glewlwyd.sqlite3'], {
  input: readFileSync('/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3'),
})
cpSync(`${SHARE}/webapp`, 'webapp', {
  recursive: true,
  dereference: true,
  force: true,
  filter: (path) => !path.endsWith('config.json'),
})
cpSync(`${SHARE}/templates/config.json`, 'webapp/config.json')
const settings = readFileSync(`${SHARE}/templates/glewlwyd-debian.conf.properties`, 'utf8')
const changes = {
  port,
  bind_address: '"127.0.0.1"',
  external_url: `"${origin}"`,
  allow_origin: `"${appOrigin}"`,
  log_mode: '"console"',
  log_level: '"WARNING"',
  static_files_path: `"${folder}/webapp"`,
}
const kept = settings
  .split('\n')
  .filter((line) => !new RegExp(`^ *(@include|${Object.keys(changes).join('|')})`).test(line))
writeFileSync(
  'glewlwyd.conf',
  [
    ...Object.entries(changes).map(([key, value]) => `${key} = ${value}`),
    ...kept,
    `database = { type = "sqlite3"; path = "${folder}/glewlwyd.sqlite3"; };`,
  ].join('\n'),
)
spawn('glewlwyd', [`--config-file=${folder}/glewlwyd.conf`], { stdio: 'inherit' })

/** Logs in; resolves with what asks the API as this user. */
async function enter(username, secret) {
  const cookie = { value: '' }
  const ask = async (method, path, body) => {
    const headers = { 'content-type': 'application/json', cookie: cookie.value }
    const request = { method, headers, body: JSON.stringify(body) }
    const answer = await fetch(`${origin}/api/${path}`, request)
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    const [set] = answer.headers.getSetCookie()
    if (set) cookie.value = set.split(';')[0]
  }
  await ask('POST', 'auth/', { username, password: secret })
  return ask
}

async function enterWhenStarted() {
  for (;;) {
    try {
      return await enter('admin', 'password')
    } catch (error) {
      if (error.message !== 'fetch failed') throw error
      await wait(200)
    }
  }
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ask = await enterWhenStarted()
const scopes = ['openid', 'profile', 'email']
for (const scope of scopes.slice(1))
  await ask('POST', 'scope/', {
    ...{ name: scope, display_name: scope, description: scope, scheme: {} },
    ...{ password_required: false, password_max_age: 0 },
  })
await ask('POST', 'user/', { username: login, password, name, email, scope: scopes, enabled: true })
await ask('POST', 'client/', {
  client_id: clientId,
  name: 'App',
  enabled: true,
  confidential: false,
  redirect_uri: [`${appOrigin}/callback`],
  authorization_type: ['code', 'refresh_token'],
  scope: [],
})
const askAsUser = await enter(login, password)
await askAsUser('PUT', `auth/grant/${clientId}`, { scope: scopes.join(' ') })
// Last, because the metadata are there from then on.
await ask('POST', 'mod/plugin/', {
  module: 'oidc',
  name: 'oidc',
  display_name: 'OpenID Connect',
  order_rank: 0,
  readonly: false,
  parameters: {
    iss: issuer,
    'jwt-type': 'rsa',
    'jwt-key-size': '256',
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: publicKey.export({ type: 'spki', format: 'pem' }),
    'access-token-duration': 3600,
    'refresh-token-duration': 86_400,
    'code-duration': 600,
    'refresh-token-rolling': true,
    'refresh-token-one-use': 'always',
    'auth-type-code-enabled': true,
    'auth-type-code-revoke-replayed': true,
    'auth-type-refresh-enabled': true,
    'auth-type-token-enabled': false,
    'auth-type-implicit-enabled': false,
    'auth-type-password-enabled': false,
    'auth-type-client-enabled': false,
    'auth-type-none-enabled': false,
    'auth-type-device-enabled': false,
    'allow-non-oidc': false,
    'pkce-allowed': true,
    'subject-type': 'public',
    'jwks-show': true,
    'allowed-scope': scopes,
    'name-claim': 'mandatory',
    'name-claim-scope': ['profile'],
    'email-claim': 'mandatory',
    'email-claim-scope': ['email'],
    'session-management-allowed': true,
    'front-channel-logout-allowed': true,
    'back-channel-logout-allowed': true,
    'session-cookie-name': 'GLEWLWYD2_OIDC_SID',
    'session-cookie-expiration': 2_419_200,
    'introspection-revocation-allowed': true,
    'introspection-revocation-allow-target-client': true,
    'oauth-as-iss-id': true,
  },
})
