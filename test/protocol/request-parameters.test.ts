import { expect, test } from 'vitest'
import {
  checkAuthorizationParams,
  checkResource,
  checkText,
} from '../../src/protocol/request-parameters.ts'
import { outcome } from '../support/protocol-exchange.ts'
import { named } from '../support/in-words.ts'

// covers spec:protocol-parameters fault:login-protocol-parameter
test.each([
  'client_id',
  'client_secret',
  'response_type',
  'response_mode',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'audience',
  'resource',
  'request',
  'request_uri',
  'web_message_uri',
  'web_message_target',
])('refuses the extra parameter %s by its name', async (name) => {
  const attempt = () => checkAuthorizationParams({ login_hint: 'a', [name]: 'x' })
  expect(await outcome(attempt)).toBe(`config_invalid/authorizationParams.${name}`)
})

test.each(['', '-1', '1.5', '1e3', ' 60', '60 ', 'soon', '9'.repeat(10), '0x10'])(
  'refuses the max_age %j',
  async (max_age) => {
    const attempt = () => checkAuthorizationParams({ max_age })
    expect(await outcome(attempt)).toBe('config_invalid/authorizationParams.max_age')
  },
)

test('numbers and booleans are sent as text', () => {
  const checked = checkAuthorizationParams({ max_age: 60, federated: true, page: 1.5 })
  expect(checked).toEqual({ max_age: '60', federated: 'true', page: '1.5' })
})

test.each(named([null, undefined, {}, ['x'], Symbol('x')]))(
  'refuses an extra parameter that is no text: %s',
  async (_, value) => {
    const parameters = { login_hint: value } as unknown as Record<string, string>
    const attempt = () => checkAuthorizationParams(parameters)
    expect(await outcome(attempt)).toBe('config_invalid/authorizationParams.login_hint')
  },
)

test('lets all others through, in a new object', () => {
  const parameters = {
    prompt: 'login',
    max_age: '0',
    acr_values: '2',
    login_hint: 'alice',
    ui_locales: 'de',
    id_token_hint: 'x',
    organization: 'o',
    state_hint: 'x',
    my_nonce: 'x',
  }
  const checked = checkAuthorizationParams(parameters)
  expect(checked).toEqual(parameters)
  expect(checked).not.toBe(parameters)
})

test('gives no parameters where none are given', () => {
  expect(checkAuthorizationParams()).toEqual({})
})

// covers fault:inherited-options
test('takes own parameters only', () => {
  const parameters = Object.create({ state: 'evil', prompt: 'none' }) as Record<string, string>
  parameters['login_hint'] = 'alice'
  expect(Object.entries(checkAuthorizationParams(parameters))).toEqual([['login_hint', 'alice']])
})

test.each([
  ['undefined', undefined, []],
  ['a URL', 'https://api.example/', ['https://api.example/']],
  [
    'a list that is out of order',
    ['https://b.example', 'https://a.example'],
    ['https://a.example', 'https://b.example'],
  ],
  ['a URN', 'urn:example:api', ['urn:example:api']],
  ['an empty list', [], []],
])('takes %s for the resource', (_, resource, expected) => {
  expect(checkResource(resource)).toEqual(expected)
})

test('leaves the list that it is given as it is', () => {
  const resource = ['https://b.example', 'https://a.example']
  checkResource(resource)
  expect(resource).toEqual(['https://b.example', 'https://a.example'])
})

// covers spec:audience-kept-apart
test.each(['', 'api', '/api', '//api.example', 'https://api.example/#a', 'https://api.example#'])(
  'refuses the resource %j',
  async (resource) => {
    expect(await outcome(() => checkResource(resource))).toBe('config_invalid/resource')
    const list = ['https://a.example', resource]
    expect(await outcome(() => checkResource(list))).toBe('config_invalid/resource')
  },
)

test('refuses a resource that is no text, although it could be written as a URI', async () => {
  const resource = [new URL('https://api.example')] as unknown as string[]
  expect(await outcome(() => checkResource(resource))).toBe('config_invalid/resource')
})

test('takes a text or none for a text, and names the option of anything else', async () => {
  expect(checkText('audience', 'x')).toBe('x')
  expect(checkText('audience', undefined)).toBeUndefined()
  const attempt = () => checkText('audience', 5 as unknown as string)
  expect(await outcome(attempt)).toBe('config_invalid/audience')
})
