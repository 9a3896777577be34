import { expect, test } from 'vitest'
import { diagnosisOf, freePort, serve, serveMock } from '../support/doctor.ts'

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
  expect((await diagnosisOf({ issuer: `${issuer}?x=1` })).of('issuer_url').level).toBe('error')
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
