import { expect, test } from 'vitest'
import {
  beginAuthorization,
  type AuthorizationOptions,
} from '../../src/authorization/begin-authorization.ts'
import { createAuthorizationContext } from '../support/authorization-context.ts'

const target = { scope: 'openid', resource: [], authorizationParams: {} }
const silent: AuthorizationOptions = { kind: 'silent', responseMode: 'web_message' }

const createContext = (sessionParams?: Readonly<Record<string, string>>) =>
  createAuthorizationContext(sessionParams).context

test('the ID token of the user who is expected is sent as id_token_hint', async () => {
  const { url } = await beginAuthorization(createContext(), target, silent, 'the-id-token')
  expect(url.searchParams.get('id_token_hint')).toBe('the-id-token')
})

test('without one there is no id_token_hint', async () => {
  const { url } = await beginAuthorization(createContext(), target, silent)
  expect(url.searchParams.has('id_token_hint')).toBe(false)
})

test('the transaction keeps the parameters of the session, for the session that follows', async () => {
  const context = createContext({ organization: 'org_7' })
  const { transaction, url } = await beginAuthorization(context, target, silent)
  expect(transaction.sessionParams).toEqual({ organization: 'org_7' })
  expect(url.searchParams.get('organization')).toBe('org_7')
})

test('those of the call stand in place of those of the session', async () => {
  const context = createContext({ organization: 'org_7' })
  const call = { ...silent, sessionParams: { organization: 'org_8' } }
  const { transaction, url } = await beginAuthorization(context, target, call)
  expect(transaction.sessionParams).toEqual({ organization: 'org_8' })
  expect(url.searchParams.get('organization')).toBe('org_8')
})

test('without any the transaction has no such member', async () => {
  const { transaction } = await beginAuthorization(createContext(), target, silent)
  expect('sessionParams' in transaction).toBe(false)
})
