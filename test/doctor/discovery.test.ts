import { expect, test } from 'vitest'
import { diagnosisOf, freePort, serve, serveJson, serveMock } from '../support/doctor.ts'

test('tells what is in the way of the metadata', async () => {
  const port = await freePort()
  const refused = await diagnosisOf({ issuer: `http://localhost:${port}` })
  expect(refused.of('discovery')).toMatchObject({
    level: 'error',
    what: `localhost:${port} refuses connections: nothing listens there.`,
    evidence: { problem: 'ECONNREFUSED' },
  })
  expect(refused.findings).toHaveLength(3)
  const unknown = await diagnosisOf({ issuer: 'https://login.nowhere.invalid' })
  expect(unknown.of('discovery').what).toBe('There is no host login.nowhere.invalid.')
  const silent = await serve(() => {})
  const late = await diagnosisOf({ issuer: silent }, { timeoutMs: 100 })
  expect(late.of('discovery').what).toMatch(/does not answer in time/)
  const broken = await serve(({ socket }) => void socket.destroy())
  expect((await diagnosisOf({ issuer: broken })).of('discovery').what).toMatch(/broke/)
  const page = await serve((_, response) => void response.end('<!doctype html>'))
  expect((await diagnosisOf({ issuer: page })).of('discovery').what).toMatch(/is no JSON object/)
})

test('says that plain http and a query are no issuer', async () => {
  const { of } = await diagnosisOf({ issuer: 'http://login.nowhere.invalid' })
  expect(of('issuer_url').what).toMatch(/plain http/)
  const { issuer } = await serveMock()
  for (const other of [`${issuer}?x=1`, issuer.replace('//', '//user@'), 'https://a.invalid#b'])
    expect((await diagnosisOf({ issuer: other })).of('issuer_url')).toMatchObject({
      level: 'error',
      what: `The issuer ${other} has a query, a "#" or a user name in it.`,
    })
})

test('compares the clock of this device with the server’s', async () => {
  const { issuer } = await serveMock()
  const ahead = await diagnosisOf({ issuer }, { now: () => Date.now() + 7_200_000 })
  expect(ahead.of('clock').level).toBe('hint')
  expect(ahead.of('clock').what).toMatch(/7\d{3} s ahead of/)
  const behind = await diagnosisOf({ issuer }, { now: () => Date.now() - 100_000_000 })
  expect(behind.of('clock').level).toBe('error')
  expect(behind.of('clock').what).toMatch(/behind/)
})

test('a server that speaks http at the port of https has no certificate that fails', async () => {
  const page = await serve((_, response) => void response.end('<!doctype html>'))
  const { host } = new URL(page)
  const { of } = await diagnosisOf({ issuer: `https://${host}` })
  expect(of('discovery').what).toBe(`The connection to ${host} broke.`)
  expect(of('discovery').fix).toContain('Check the scheme')
})

test('an Age that is no number says nothing of the clock', async () => {
  const issuer: string = await serve((_, response) => {
    response.writeHead(200, { age: '5, 10' }).end(JSON.stringify({ issuer }))
  })
  const { of } = await diagnosisOf({ issuer })
  expect(of('clock')).toMatchObject({ level: 'ok', evidence: { source: issuer } })
})

test('metadata and keys that lead to another origin are not where a client finds them', async () => {
  const elsewhere = await serveJson(() => ({
    '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/jwks` },
    '/jwks': { keys: [] },
  }))
  const issuer: string = await serve(({ url }, response) => {
    response.writeHead(302, { location: `${elsewhere}${url}?x=1` }).end()
  })
  const { of } = await diagnosisOf({ issuer })
  expect(of('discovery').level).toBe('error')
  expect(of('discovery').fix).toContain(
    `metadata: "${elsewhere}/.well-known/openid-configuration".`,
  )
  expect(of('keys').what).toBe(`${issuer}/jwks leads to another origin: ${elsewhere}/jwks.`)
  expect(of('issuer').level).toBe('ok')
})

test('a redirect within the origin is followed', async () => {
  const issuer: string = await serve(({ url }, response) => {
    if (url === '/there') response.end(JSON.stringify({ issuer }))
    else response.writeHead(302, { location: '/there' }).end()
  })
  expect((await diagnosisOf({ issuer })).of('discovery').level).toBe('ok')
})
