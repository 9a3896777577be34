// Starts npm and Node the same way on every operating system.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root: string = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a program in the project's folder with its output on the terminal; resolves with its exit
 * code.
 */
export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
      // npm is a batch file on Windows, and those start through a shell only.
      shell: process.platform === 'win32' && command === 'npm',
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}
