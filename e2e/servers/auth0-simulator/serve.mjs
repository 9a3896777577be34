// Of its two builds, the one for `import` does not sign on Node 20.
import { createRequire } from 'node:module'

const [issuer, clientID] = process.argv.slice(2)
const { EMAIL: email, NAME: name, PASSWORD: password } = process.env
const { simulation } = createRequire(import.meta.url)('@simulacrum/auth0-simulator')
simulation({
  options: { clientID },
  initialState: { users: [{ id: 'auth0|alice', name, email, password }] },
}).listen(Number(new URL(issuer).port))
