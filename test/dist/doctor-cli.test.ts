import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { REDIRECT_URI, serveMock } from '../support/doctor.ts'

interface Manifest {
  readonly version: string
  readonly bin: Readonly<Record<'sotto', string>>
}

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const manifest = JSON.parse(readFileSync(file('package.json'), 'utf8')) as Manifest
const command = file(manifest.bin.sotto)

/** Runs the command until it ends. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...env },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
  return new Promise<typeof output & { readonly code: number | null }>((resolve) => {
    child.once('close', (code) => resolve({ ...output, code }))
  })
}

const doctor = (issuer: string, ...more: readonly string[]) => [
  ...['doctor', issuer, '--client', 'app', '--redirect', REDIRECT_URI],
  ...more,
]

test('says what it looked at, and ends with 0 where nothing is wrong', async () => {
  const { issuer } = await serveMock()
  const { stdout, stderr, code } = await run(doctor(issuer))
  expect(stdout).toContain(`Issuer        ${issuer}\nClient        app\n`)
  expect(stdout).toMatch(/^ok {5}token_endpoint {4}The token endpoint takes this client/m)
  expect(stdout).toMatch(/\n\n0 errors, 0 hints, \d\d ok\n$/)
  expect(stdout).not.toContain('\u001b')
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

test('begins with what is wrong, in color where that is wanted, and ends with 1', async () => {
  const { issuer } = await serveMock()
  const wrong = doctor(`${issuer}/`)
  const { stdout, code } = await run(wrong, { FORCE_COLOR: '1' })
  expect(code).toBe(1)
  expect(stdout).toContain('\u001b[31merror\u001b[39m  issuer  ')
  expect(stdout).toContain(`set issuer to "${issuer}".`)
  expect(stdout).toContain(`sotto@${manifest.version}/docs/errors.md#discovery_invalid`)
  expect(stdout.indexOf('error')).toBeLessThan(stdout.indexOf('ok'))
  const plain = await run(wrong, { FORCE_COLOR: '1', NO_COLOR: '1' })
  expect(plain.stdout).not.toContain('\u001b')
})

test('prints JSON for a program', async () => {
  const { issuer } = await serveMock()
  const { stdout, code } = await run(doctor(issuer, '--json', '--audience', 'x'))
  expect(code).toBe(0)
  const report = JSON.parse(stdout) as { readonly findings: readonly object[] }
  expect(report).toMatchObject({
    issuer,
    clientId: 'app',
    redirectUri: REDIRECT_URI,
    audience: 'x',
  })
  expect(report.findings[0]).toMatchObject({ id: 'redirect_uri', level: 'ok' })
})

test('explains a wrong command line, and ends with 2', async () => {
  const { stdout, stderr, code } = await run(['doctor', '--client', 'x'])
  expect(stderr).toBe('sotto: The issuer is missing\nsotto doctor --help says what there is.\n')
  expect(stdout).toBe('')
  expect(code).toBe(2)
  const unknown = await run(['docter'])
  expect(unknown.stderr).toContain('There is no command "docter"')
  expect(unknown.code).toBe(2)
})

test('helps, and is the mock server too', async () => {
  expect((await run([])).stdout).toContain('sotto doctor <issuer>')
  const help = await run(['doctor', '--help'])
  expect(help.stdout).toContain('--redirect <URI>')
  expect(help.code).toBe(0)
  const mock = await run(['mock', '--help'])
  expect(mock.stdout).toContain('Usage: sotto-mock')
  expect(mock.code).toBe(0)
})
