// `npm start`: storezero, a small shop, with the servers that it needs, on four ports of this
// machine.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serveStorezero } from '../examples/storezero/serve.mjs'
import { root, run } from './run.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '4100' } } })

if (!isBuilt() && (await run('npm', ['run', '--silent', 'build'])) !== 0) process.exit(1)
const shop = await serveStorezero({ port: Number(values.port) })

console.log(`
  storezero, a shop     ${shop.origin}/
  authorization server  ${shop.issuer}
  identity provider     ${shop.provider}
  orders API            ${shop.api}

  Open the shop and press "Sign in". Who there is, each with the name as the password:
    alice                     has a password
    bob                       needs a second factor too
    carol                     comes with Harbour ID, the identity provider
  The session panel beside the shop shows what happens, and makes it happen.
  Ctrl-C stops all four.
`)

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void shop.close().then(() => process.exit(0)))

function isBuilt(): boolean {
  const built = statSync(join(root, 'dist', 'index.d.ts'), { throwIfNoEntry: false })
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  return sources.every((path) => statSync(join(root, 'src', path)).mtimeMs <= (built?.mtimeMs ?? 0))
}
