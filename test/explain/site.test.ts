import { expect, test, vi } from 'vitest'
import { siteRelation } from '../../src/explain/page/site.ts'

/** A page whose browser takes cookies for the domains that are no public suffixes. */
function stubPage(href: string, publicSuffixes: readonly string[] | 'no cookies'): string[] {
  const jar = new Map<string, string>()
  const written: string[] = []
  vi.stubGlobal('location', new URL(href))
  vi.stubGlobal('document', {
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    },
    set cookie(text: string) {
      written.push(text)
      const [pair = '', domain = ''] = text.split('; ')
      const [name = '', value = ''] = pair.split('=')
      const suffix = domain.replace('Domain=', '')
      if (publicSuffixes === 'no cookies' || publicSuffixes.includes(suffix)) return
      if (text.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, value)
    },
  })
  return written
}

test.each([
  ['https://app.example.com', 'https://login.example.com', 'same', ['com']],
  ['https://app.example.com', 'https://example.com', 'same', ['com']],
  ['https://app.example.com', 'https://login.other.com', 'cross', ['com']],
  ['https://app.example.com', 'https://badexample.com', 'cross', ['com']],
  ['https://a.vercel.app', 'https://b.vercel.app', 'cross', ['app', 'vercel.app']],
  ['https://app.example.com', 'http://login.example.com', 'cross', ['com']],
  ['http://localhost:3000', 'http://localhost:4000', 'same', []],
  ['http://127.0.0.1:3000', 'http://localhost:4000', 'cross', []],
  ['http://localhost:3000', 'http://127.0.0.1:4000', 'cross', []],
] as const)('finds %s and %s to be %s-site', (page, issuer, relation, suffixes) => {
  stubPage(page, suffixes)
  expect(siteRelation(issuer, true)).toBe(relation)
  expect(document.cookie).toBe('')
})

test('is not known where the browser takes no cookie, or none may be set', () => {
  stubPage('https://app.example.com', 'no cookies')
  expect(siteRelation('https://login.example.com', true)).toBeUndefined()
  const written = stubPage('https://app.example.com', ['com'])
  expect(siteRelation('https://login.example.com', false)).toBeUndefined()
  expect(siteRelation('https://app.example.com:8443', false)).toBe('same')
  expect(written).toEqual([])
})
