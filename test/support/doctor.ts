// Servers for the doctor: the mock server on a port of its own, and others of a few lines.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createAuthorizationServer,
  type AuthorizationServerControl,
  type AuthorizationServerOptions,
  type Fault,
} from 'sotto/testing'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { expect, onTestFinished } from 'vitest'
import { examine, type DoctorOptions } from '../../src/doctor/doctor.ts'
import type { SetUp } from '../../src/doctor/set-up.ts'
import type { Finding, FindingId, FindingLevel } from '../../src/explain/finding.ts'

const CLIENT_ID = 'app'
/** Of the default client of the mock server. */
export const REDIRECT_URI = 'http://localhost:5173/callback'

type Respond = (request: IncomingMessage, response: ServerResponse) => void

/** A server of a few lines; its origin. */
export async function serve(respond: Respond): Promise<string> {
  const server = createServer(respond)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

/** A server that answers each path with JSON, and others with 404. */
export function serveJson(paths: (origin: string) => Readonly<Record<string, unknown>>) {
  return serve(({ url = '', headers }, response) => {
    const found = paths(`http://${headers.host}`)[url.split('?')[0] ?? '']
    response.setHeader('access-control-allow-origin', '*')
    response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found))
  })
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The mock server. */
export async function serveMock(
  options: Partial<AuthorizationServerOptions> = {},
): Promise<{ readonly issuer: string; readonly control: AuthorizationServerControl }> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const server = createAuthorizationServer({ issuer, signingAlg: 'ES256', ...options })
  const { close } = await serveAuthorizationServer(server, { port })
  onTestFinished(close)
  return { issuer, control: server.control }
}

/** What the doctor says of a set-up, by what it looked at. */
export async function diagnosisOf(
  setUp: Partial<SetUp> & Pick<SetUp, 'issuer'>,
  options?: DoctorOptions,
): Promise<{
  readonly provider: string | undefined
  readonly findings: readonly Finding[]
  readonly of: (id: FindingId) => Partial<Finding>
  readonly wrong: readonly FindingId[]
}> {
  const { provider, findings } = await examine(
    { clientId: CLIENT_ID, redirectUri: REDIRECT_URI, scope: 'openid profile email', ...setUp },
    options,
  )
  return {
    provider,
    findings,
    of: (id) => findings.find((one) => one.id === id) ?? {},
    wrong: findings.filter(({ level }) => level !== 'ok').map(({ id }) => id),
  }
}

/** A mistake, and what the doctor must say of it. */
export type Row = readonly [
  what: string,
  faults: readonly Fault[],
  id: FindingId,
  level: FindingLevel,
  texts: readonly string[],
  setUp?: Partial<SetUp>,
]

/** Makes the mistake of a row, and compares. */
export async function checkRow([, faults, id, level, texts, setUp]: Row): Promise<void> {
  const { issuer, control } = await serveMock()
  for (const fault of faults) control.addFault(fault)
  const { of } = await diagnosisOf({ issuer, ...setUp })
  const { what, fix, docs } = of(id)
  expect(of(id).level).toBe(level)
  for (const text of texts) expect(`${what} ${fix}`).toContain(text)
  expect(docs).toMatch(/#\w/)
  if (level === 'error') expect(fix).toMatch(/\.$/)
}
