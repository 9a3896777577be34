// The server as its documentation sets it up. Of its adapters for databases the registry has none
// that fits this version, so that its tables are in memory.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { init, seed } from 'authhero'

const [issuer, clientId, appOrigin] = process.argv.slice(2)
const { EMAIL, NAME, PASSWORD } = process.env

const TABLES = [
  ...['actions', 'actionExecutions', 'actionVersions', 'branding', 'clients', 'clientConnections'],
  ...['clientGrants', 'codes', 'connections', 'customDomains', 'emailProviders', 'emailTemplates'],
  ...['flows', 'forms', 'hookCode', 'hooks', 'invites', 'keys', 'loginSessions', 'logs'],
  ...['passwords', 'promptSettings', 'refreshTokens', 'resourceServers', 'rolePermissions'],
  ...['userPermissions', 'roles', 'sessions', 'tenants', 'themes', 'users', 'userRoles'],
  ...[
    'organizations',
    'userOrganizations',
    'customText',
    'authenticationMethods',
    'universalLoginTemplates',
  ],
]
const KEYS = { users: 'user_id', clients: 'client_id', keys: 'kid', codes: 'code_id' }
const OF_ALL_TENANTS = ['tenants', 'keys']

function createTable(entity) {
  const key = KEYS[entity] ?? 'id'
  const rows = new Map()
  const all = () => [...rows.values()]
  const create = (values) => {
    const now = new Date().toISOString()
    const row = { created_at: now, updated_at: now, ...values, [key]: values[key] ?? randomUUID() }
    rows.set(row[key], row)
    return row
  }
  const update = (id, values) => {
    if (!rows.has(id)) return false
    rows.set(id, { ...rows.get(id), ...values })
    return true
  }
  /** What a query like `email:a@example.com type:x` finds. */
  const find = (query = '') => {
    const terms = [...query.matchAll(/(\w+):"?([^\s"]+)/g)].filter(([, name]) => name[0] !== '_')
    return all().filter((row) => terms.every(([, name, value]) => String(row[name]) === value))
  }
  const methods = {
    create,
    rawCreate: create,
    update,
    get: (id) => rows.get(id) ?? null,
    remove: (id) => rows.delete(id),
    list: ({ q } = {}) => {
      const found = find(q)
      const snake = entity.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      const names = [entity, snake, 'signingKeys'].map((name) => [name, found])
      return { ...Object.fromEntries(names), start: 0, limit: 100, length: found.length }
    },
    consume: (id) => !rows.get(id)?.used_at && update(id, { used_at: new Date().toISOString() }),
    used: (id) => update(id, { used_at: new Date().toISOString() }),
    revokeByLoginSession: () => 0,
    revokeFamily: () => 0,
    getByLookup: (lookup) => all().find((row) => row.token_lookup === lookup) ?? null,
    assign: () => true,
    listUserOrganizations: () => ({ organizations: [] }),
    listByClient: async () => (await tables.connections.list('main')).connections,
  }
  const special = {
    promptSettings: { get: () => ({ webauthn_platform_first_factor: false }) },
    userRoles: { list: () => [] },
    passwords: {
      get: (user) => all().find((row) => row.user_id === user) ?? null,
      list: (user) => all().filter((row) => row.user_id === user),
    },
    clients: {
      getByClientId: (id) => (rows.has(id) ? { ...rows.get(id), tenant_id: 'main' } : null),
    },
  }
  const own = Object.entries({ ...methods, ...special[entity] })
  const takesTenant = (name) => !OF_ALL_TENANTS.includes(entity) && name !== 'getByClientId'
  return Object.fromEntries(
    own.map(([name, method]) => [
      name,
      async (...args) => method(...(takesTenant(name) ? args.slice(1) : args)),
    ]),
  )
}

const tables = { transaction: (work) => work(tables) }
for (const name of TABLES) tables[name] = createTable(name)

const { userId } = await seed(tables, {
  tenantId: 'main',
  adminUsername: EMAIL,
  adminEmail: EMAIL,
  adminPassword: PASSWORD,
  isControlPlane: false,
  issuer,
  clientId,
  callbacks: [`${appOrigin}/callback`],
  allowedLogoutUrls: [`${appOrigin}/`],
  debug: false,
})
// The login pages of version 2 load a script from elsewhere.
await tables.clients.update('main', clientId, {
  client_metadata: { universal_login_version: '1' },
  is_first_party: true,
})
await tables.users.update('main', userId, { name: NAME })
const { hash, algorithm } = (await tables.users.get('main', userId)).password
await tables.passwords.create('main', { user_id: userId, password: hash, algorithm })

const { app } = init({ dataAdapter: tables, allowedOrigins: [appOrigin] })
const env = { ISSUER: issuer, AUTH_URL: issuer, data: tables, ENVIRONMENT: 'test' }
async function answer(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { method, headers } = request
  const body = chunks.length > 0 && { body: Buffer.concat(chunks) }
  const url = new URL(request.url, issuer)
  const answered = await app.fetch(new Request(url, { method, headers, ...body }), env)
  response.writeHead(answered.status, [...answered.headers].flat())
  response.end(Buffer.from(await answered.arrayBuffer()))
}

createServer((request, response) => void answer(request, response)).listen(
  Number(new URL(issuer).port),
  'localhost',
)
