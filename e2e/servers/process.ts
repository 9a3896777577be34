import { type ChildProcess, spawn } from 'node:child_process'
import http from 'node:http'
import https from 'node:https'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

export interface RunningProgram {
  /** What it has printed so far. */
  readonly output: () => string
  readonly exited: Promise<unknown>
  readonly close: () => Promise<void>
}

const START_TIMEOUT_MS = 60_000

/** Starts a program with what it starts itself, so that all of it can be ended. */
export function startProgram({ command, args, cwd, env }: Program): RunningProgram {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => lines.push(line))
  const exited = new Promise<unknown>((resolve) => {
    child.once('error', resolve)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  return { output: () => lines.join('\n'), exited, close: () => end(child, exited) }
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(-(child.pid ?? NaN), signal)
    } catch {
      // It is no more.
    }
    await Promise.race([exited, wait(3000, undefined, { ref: false })])
  }
}

/** Waits until a program answers at `url`; ends it and tells what it said where it does not. */
export async function untilAnswers(program: RunningProgram, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let isOver = false
  void program.exited.then(() => (isOver = true))
  while (!isOver && Date.now() < deadline) {
    if (await answers(url)) return
    await wait(200)
  }
  await program.close()
  throw new Error(`nothing answers at ${url}:\n${program.output()}`)
}

/** Whether it does, whatever its certificate. */
function answers(url: string): Promise<boolean> {
  const get = url.startsWith('https:') ? https.get : http.get
  return new Promise((resolve) => {
    const request = get(url, { rejectUnauthorized: false }, (response) => {
      response.resume()
      // A redirect is an answer too: Sotto shall find out.
      resolve(Number(response.statusCode) < 400)
    })
    request.once('error', () => resolve(false))
  })
}
