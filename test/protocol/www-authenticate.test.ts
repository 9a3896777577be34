import { expect, test } from 'vitest'
import { readChallenges } from '../../src/protocol/www-authenticate.ts'

const read = (text: string) =>
  readChallenges(new Response(null, { headers: { 'www-authenticate': text } }))

test('reads a scheme with its parameters', () => {
  expect(read('Bearer realm="api", error="invalid_token", max_age=5')).toEqual([
    { scheme: 'bearer', parameters: { realm: 'api', error: 'invalid_token', max_age: '5' } },
  ])
})

test('reads several challenges', () => {
  expect(read('DPoP algs="ES256 PS256", error="use_dpop_nonce", Bearer, Basic realm=x')).toEqual([
    { scheme: 'dpop', parameters: { algs: 'ES256 PS256', error: 'use_dpop_nonce' } },
    { scheme: 'bearer', parameters: {} },
    { scheme: 'basic', parameters: { realm: 'x' } },
  ])
})

test('what is quoted is no parameter', () => {
  const [challenge] = read(String.raw`Bearer realm="say \"hi\", error=invalid_token", scope=""`)
  expect(challenge?.parameters).toEqual({ realm: 'say "hi", error=invalid_token', scope: '' })
})

test('takes names in any case, and the first of two', () => {
  expect(read('BEARER Error = "one", ERROR="two"')[0]?.parameters).toEqual({ error: 'one' })
})

test('a parameter of no scheme is left out', () => {
  expect(read('error="x", Bearer error="y"')).toEqual([
    { scheme: 'bearer', parameters: { error: 'y' } },
  ])
})

test('a name that every object has is one like others', () => {
  const [challenge] = read('Bearer __proto__=x, toString=y')
  expect(Object.entries(challenge!.parameters)).toEqual([
    ['__proto__', 'x'],
    ['tostring', 'y'],
  ])
  expect(Object.getPrototypeOf(challenge!.parameters)).toBeNull()
})

test('a response without a challenge has none', () => {
  expect(readChallenges(new Response())).toEqual([])
})

test('what is longer than any challenge is not read to its end', () => {
  const [challenge] = read(`Bearer ${'a="b", '.repeat(1000)}error="late"`)
  expect(challenge?.parameters).toEqual({ a: 'b' })
})

test('a response without the header has no challenge', () => {
  expect(readChallenges(new Response(null))).toEqual([])
})
