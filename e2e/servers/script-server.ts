import { copyFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../tools/static-server.ts'
import { startProgram, untilAnswers } from './process.ts'
import { type RunningServer, type Server, USER } from './server.ts'

interface ScriptServerOptions {
  /** Its script: gets the issuer, the client ID and the app's origin, and the user by `env`. */
  readonly script: URL
  /** What runs the script. Default: this Node. */
  readonly command?: string
  readonly issuerAt?: (port: number) => string
  readonly env?: Readonly<Record<string, string>>
}

const CLIENT_ID = 'app'

/**
 * How a server is started that a script sets up: a copy of it runs beside its packages, in a
 * process of its own.
 */
export function startScriptServer({
  script,
  command = process.execPath,
  issuerAt = (port) => `http://localhost:${port}`,
  env = {},
}: ScriptServerOptions): Server['start'] {
  return async (folder: string, appOrigin: string): Promise<RunningServer> => {
    const copy = join(folder, basename(fileURLToPath(script)))
    copyFileSync(script, copy)
    const issuer = issuerAt(await findFreePort())
    const { name: NAME, login: LOGIN, email: EMAIL, password: PASSWORD } = USER
    const program = startProgram({
      command,
      args: [copy, issuer, CLIENT_ID, appOrigin],
      cwd: folder,
      env: { NAME, LOGIN, EMAIL, PASSWORD, ...env },
    })
    await untilAnswers(program, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    return { issuer, clientId: CLIENT_ID, close: program.close }
  }
}
