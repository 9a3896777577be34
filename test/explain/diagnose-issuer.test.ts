// @vitest-environment happy-dom
// What `diagnose` says where the issuer is the URL of the server's metadata.
import { createAuthClient, diagnose, type FindingId } from 'sotto'
import { createAuthorizationServer } from 'sotto/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

const issuer = 'https://login.example.com'

test('names the issuer to set', async () => {
  const server = createAuthorizationServer({ issuer, signingAlg: 'ES256' })
  const send = (async (input: string | URL, init?: RequestInit) =>
    new URL(String(input)).origin === issuer
      ? server.fetch(String(input), init)
      : new Response('<!doctype html>')) as typeof fetch
  const url = `${issuer}/.well-known/openid-configuration`
  const given = { issuer: url, clientId: 'app', redirectUri: '/callback', fetch: send }
  const auth = createAuthClient({ ...given, renewal: [] }, new Map())
  onTestFinished(() => auth.dispose())
  const { findings } = await diagnose(auth)
  const of = (id: FindingId) => findings.find((one) => one.id === id)
  expect(of('discovery')).toMatchObject({ level: 'ok', what: `The metadata are at ${url}.` })
  expect(of('issuer')).toMatchObject({
    level: 'error',
    fix: `If that is your server, set issuer to "${issuer}".`,
  })
  // The server is looked at all the same.
  expect(of('keys')).toMatchObject({ level: 'ok' })
})
