import { expect, test } from 'vitest'
import { AUTHORIZATION_RESPONSE_PARAMETERS } from '../../src/protocol/authorization-response.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../../src/protocol/callback-url.ts'

const origin = 'https://app.example'
const isResponse = (name: string): boolean => AUTHORIZATION_RESPONSE_PARAMETERS.includes(name)
const clean = (rest: string): string =>
  cleanCallbackUrl(new URL(`${origin}${rest}`), isResponse).slice(origin.length)

const response = 'code=SplxlOBe&state=tag.abc&iss=https%3A%2F%2Flogin.example'

test.each([
  [`/cb?${response}`, '/cb'],
  [`/cb#${response}`, '/cb'],
  [`/?${response}`, '/'],
  [`/cb?${response}#/route`, '/cb#/route'],
  [`/cb?a=1&${response}&b=2`, '/cb?a=1&b=2'],
  [`/cb?a=1#${response}&b=2`, '/cb?a=1#b=2'],
  [`/cb?${response}&utm_source=x%20y+z`, '/cb?utm_source=x%20y+z'],
  [`/cb?a&${response}`, '/cb?a'],
  [`/cb?a=&${response}`, '/cb?a='],
  [`/cb?${response}&q=%C3%A4%2B%26%3D&Q=%c3%a4`, '/cb?q=%C3%A4%2B%26%3D&Q=%c3%a4'],
  [`/cb?${response}&q=%E4%ZZ`, '/cb?q=%E4%ZZ'],
  [`/cb?${response}&a=1&a=2&a=1`, '/cb?a=1&a=2&a=1'],
  [`/cb?${response}&x[]=1&y=(~*!')`, '/cb?x[]=1&y=(~*!%27)'],
  [`/cb?${response}&a=b=c==`, '/cb?a=b=c=='],
  [`/cb?%63ode=x&st%61te=y&a=1`, '/cb?a=1'],
  ['/cb?error=access_denied&error_description=a+b&error_uri=x&state=y', '/cb'],
  ['/cb?session_state=x&code=y&state=z&scope=openid', '/cb?scope=openid'],
  ['/cb?code&state=x&a', '/cb?a'],
  ['/cb?code=1&code=2&state=x&state=y&b', '/cb?b'],
  ['/cb#access_token=x&token_type=bearer&expires_in=5&id_token=y&state=z', '/cb'],
  ['/cb?response=jwt&token=x&a=1', '/cb?a=1'],
  [`/?${response}#/orders/1?sort=a&b`, '/#/orders/1?sort=a&b'],
  [`/cb?${response}#:~:text=x`, '/cb#:~:text=x'],
  [`/cb;v=1/%7Ea?${response}`, '/cb;v=1/%7Ea'],
  [`/cb#/${response}`, '/cb'],
  ['/cb#/state=x&session_state=y&iss=z&code=w', '/cb'],
  [`/cb?/route=1&${response}#/error`, '/cb?/route=1#/error'],
  [`/cb?${response}#/route?code=1`, '/cb#/route?code=1'],
  ['/cb#state=tag.abc&code=x#y', '/cb'],
  ['/cb#a=1&c#ode=x', '/cb#a=1&c#ode=x'],
])('cleans %s to %s', (given, cleaned) => {
  expect(clean(given)).toBe(cleaned)
})

test.each([
  '/',
  '/orders?codes=1&state2=x&my_code=y&CODE=z&Error=1',
  '/orders?q=a+b%20c&empty=&flag&=x',
  '/orders#/route?a=1',
  '/orders#section',
  '/orders?a&&b&',
])('leaves %s as it is', (rest) => {
  expect(clean(rest)).toBe(rest)
})

test('does not change the URL that it is given', () => {
  const url = new URL(`${origin}/cb?${response}`)
  cleanCallbackUrl(url, isResponse)
  expect(url.search).toBe(`?${response}`)
})

const isOurs = (state: string): boolean => state.startsWith('tag.')
const read = (rest: string): Record<string, string> | undefined => {
  const parameters = readCallbackUrl(new URL(`${origin}${rest}`), isOurs)
  return parameters && Object.fromEntries(parameters)
}

const expected = { code: 'SplxlOBe', state: 'tag.abc', iss: 'https://login.example' }

test.each([
  `/cb?${response}`,
  `/cb#${response}`,
  `/cb?a=1#${response}`,
  `/cb?${response}#/route`,
  `/cb#/${response}`,
  '/cb#/state=tag.abc&iss=https%3A%2F%2Flogin.example&code=SplxlOBe',
])('reads the response in %s', (rest) => {
  expect(read(rest)).toMatchObject(expected)
})

test.each([
  '/cb',
  '/cb?code=SUMMER&state=CA',
  '/cb?code=SUMMER',
  '/cb?state=',
  '/cb?State=tag.abc&code=x',
  '/cb#/route?state=other',
  '/cb?error=access_denied',
  '/tag.abc?next=state%3Dtag.abc',
])('has no business with %s', (rest) => {
  expect(read(rest)).toBeUndefined()
})

test('reads a response with several states as ours if one is: it is refused later', () => {
  const parameters = readCallbackUrl(new URL(`${origin}/cb?state=CA&state=tag.abc`), isOurs)
  expect(parameters?.getAll('state')).toEqual(['CA', 'tag.abc'])
})

test('prefers the part whose state is ours', () => {
  expect(read(`/cb?code=SUMMER&state=CA#${response}`)).toMatchObject(expected)
})

test.each([
  [65_536, true],
  [65_537, false],
])('a URL of %i characters is read: %s', (length, isRead) => {
  const url = new URL(`${origin}/cb?state=tag.abc&code=`.padEnd(length, 'x'))
  expect(readCallbackUrl(url, () => true) !== undefined).toBe(isRead)
})
