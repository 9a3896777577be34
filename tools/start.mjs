// `npm start`: the demo app and an authorization server to sign in at, on two ports of this machine.
// Sets itself up in a fresh clone.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serveDemo } from './demo.mjs'
import { installDependencies } from './install.mjs'
import { root, runNpm } from './run.mjs'

const { values } = parseArgs({ options: { port: { type: 'string', default: '4100' } } })

await installDependencies()
if (!isBuilt() && (await runNpm(['run', '--silent', 'build'])) !== 0) process.exit(1)

const demo = await serveDemo({ port: Number(values.port) })

console.log(`
  Demo                  ${demo.origin}/
  Authorization server  ${demo.issuer}

  Open the demo, press "Sign in", and log in as alice (password alice) or bob (password bob).
  Ctrl-C stops both.
`)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await demo.close()
    process.exit(0)
  })
}

function isBuilt() {
  const built = join(root, 'dist', 'index.d.ts')
  if (!existsSync(built)) return false
  const builtAt = statSync(built).mtimeMs
  return readdirSync(join(root, 'src'), { recursive: true }).every(
    (path) => statSync(join(root, 'src', path)).mtimeMs <= builtAt,
  )
}
