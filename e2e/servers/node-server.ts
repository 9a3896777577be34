import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePort } from '../../tools/static-server.ts'
import { startProgram, untilAnswers } from './process.ts'
import type { RunningServer, Server } from './server.ts'

interface NodeServerOptions {
  /** Its script: gets the issuer, the client ID and the app's origin. */
  readonly script: URL
  readonly issuerAt?: (port: number) => string
  readonly env?: Readonly<Record<string, string>>
}

const CLIENT_ID = 'app'

/** How a server of npm is started: its script runs beside its packages, in a process of its own. */
export function startNodeServer({
  script,
  issuerAt = (port) => `http://localhost:${port}`,
  env = {},
}: NodeServerOptions): Server['start'] {
  return async (folder: string, appOrigin: string): Promise<RunningServer> => {
    const copy = join(folder, 'serve.mjs')
    copyFileSync(script, copy)
    const issuer = issuerAt(await findFreePort())
    const args = [copy, issuer, CLIENT_ID, appOrigin]
    const program = startProgram({ command: process.execPath, args, cwd: folder, env })
    await untilAnswers(program, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    return { issuer, clientId: CLIENT_ID, close: program.close }
  }
}
