import { expect, test } from 'vitest'
import { siteRelation } from '../../src/doctor/site.ts'

test.each([
  ['https://app.example.com', 'https://login.example.com', 'same'],
  ['https://example.com', 'https://login.eu.example.com', 'same'],
  ['https://app.example.com', 'https://login.example.org', 'cross'],
  // Public suffixes, of countries and of hosts.
  ['https://shop.co.uk', 'https://login.co.uk', 'cross'],
  ['https://a.vercel.app', 'https://b.vercel.app', 'cross'],
  // Schemes count.
  ['http://app.example.com', 'https://login.example.com', 'cross'],
  ['http://localhost:3000', 'http://localhost:4000', 'same'],
  ['http://127.0.0.1:3000', 'http://localhost:4000', 'cross'],
  ['http://127.0.0.1:3000', 'http://127.0.0.1:4000', 'same'],
  ['http://10.0.0.1', 'http://10.0.0.2', 'cross'],
])('%s and %s: %s', (one, other, relation) => {
  expect(siteRelation(one, other)).toBe(relation)
})
