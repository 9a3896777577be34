// Where the session is kept, and what a storage that is blocked, broken or tampered with costs.
import { createClientWithStorage, RECORD_KEY, type StorageKind } from './support/storage.ts'
import { expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'

const kinds: readonly StorageKind[] = [
  'localStorage',
  'sessionStorage',
  'IndexedDB',
  "the app's own",
]

for (const kind of kinds) {
  test(
    `finds the session after a reload in ${kind} without a request to the server`,
    { tag: '@firefox' },
    async ({ page, pair, addSession }) => {
      await addSession()
      await page.goto('/')
      await page.evaluate(createClientWithStorage, { issuer: pair.issuer, kind })
      expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
      const before = await page.evaluate(() => auth.getTokenSilently())
      pair.control.clearRequests()
      await page.reload()
      await page.evaluate(createClientWithStorage, { issuer: pair.issuer, kind })
      const after = await page.evaluate(async () => ({
        snapshot: await auth.start(),
        token: await auth.getTokenSilently(),
        idToken: await auth.getIdToken(),
      }))
      expect(after.snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
      expect(after.token).toBe(before)
      expect(after.idToken?.claims).toMatchObject({ sub: 'alice' })
      expect(requestsOf(pair)).toEqual([])
    },
  )
}

for (const [kind, reasons] of [
  ['a storage that throws at every write', ['set']],
  ['a storage that throws at every use', ['get']],
  ['a storage that hangs at every use', ['get']],
] as const) {
  // covers threat:device fault:storage-blocked
  test(`goes on from memory with ${kind}, and warns once of each operation`, async ({
    page,
    pair,
    addSession,
  }) => {
    await addSession()
    await page.goto('/')
    await page.evaluate(createClientWithStorage, { issuer: pair.issuer, kind })
    const { snapshot, tokens, warnings } = await page.evaluate(async () => ({
      snapshot: await auth.start(),
      tokens: [
        await auth.getTokenSilently(),
        await auth.getTokenSilently({ cacheMode: 'off' }),
        await auth.getTokenSilently(),
      ],
      warnings: globalThis.warnings,
    }))
    expect(snapshot).toMatchObject({ status: 'authenticated' })
    expect(tokens[1]).not.toBe(tokens[0])
    expect(tokens[2]).toBe(tokens[1])
    expect(warnings).toEqual(reasons.map((reason) => ({ code: 'storage_unavailable', reason })))
  })
}

type Record = globalThis.Record<string, unknown>
const asRecord = (text: string) => JSON.parse(text) as Record
const change = (members: Record) => (text: string) =>
  JSON.stringify({ ...asRecord(text), ...members })
const changeEntry = (members: Record) => (text: string) => {
  const [entry] = asRecord(text)['entries'] as Record[]
  return change({ entries: [{ ...entry, ...members }] })(text)
}
/** Puts other claims in the stored ID token; nobody checks its signature again. */
const changeClaims = (members: Record) => (text: string) => {
  const [header, payload = '', signature] = String(asRecord(text)['idToken']).split('.')
  const claims = asRecord(Buffer.from(payload, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify({ ...claims, ...members })).toString('base64url')
  return change({ idToken: [header, changed, signature].join('.') })(text)
}

const corruptions: readonly (readonly [string, (text: string) => string])[] = [
  ['is of another issuer', change({ issuer: 'https://login.hostile.example' })],
  ['is of another client', change({ clientId: 'another' })],
  ['is no JSON', (text) => text.slice(0, -10)],
  ['is a string', () => '"session"'],
  ['is an array', () => '[]'],
  ['has no version', change({ v: undefined })],
  ['has a user that is no string', change({ sub: ['alice'] })],
  ['has no list of entries', change({ entries: {} })],
  ['has an entry that is nothing', change({ entries: [null] })],
  ['has an access token that is no string', changeEntry({ accessToken: { x: 1 } })],
  ['has a token that lives for ever', changeEntry({ lifeMs: 9e15 })],
  ['has a token of a negative life', changeEntry({ lifeMs: -1 })],
  ['has the ID token of another user', change({ sub: 'bob' })],
  ['has an ID token from another issuer', changeClaims({ iss: 'https://login.hostile.example' })],
  ['has an ID token for another client', changeClaims({ aud: 'another' })],
  ['has an ID token that is none', change({ idToken: 'x.y.z' })],
  ['hides its members in a prototype', (text) => `{"__proto__":${text}}`],
]

// covers threat:other-tab
test('drops a record that does not fit with a warning, asks the server, and mends it', async ({
  page,
  pair,
  addSession,
}) => {
  test.slow()
  await addSession()
  await page.goto('/')
  const client = { issuer: pair.issuer, kind: 'localStorage' } as const
  await page.evaluate(createClientWithStorage, client)
  await page.evaluate(() => auth.start())
  const key = RECORD_KEY(pair)
  for (const [what, corrupt] of corruptions) {
    await test.step(`when it ${what}`, async () => {
      const text = corrupt(await page.evaluate((name) => localStorage.getItem(name) ?? '', key))
      pair.control.clearRequests()
      await page.evaluate(([name, value]) => localStorage.setItem(name, value), [
        key,
        text,
      ] as const)
      await page.evaluate(createClientWithStorage, client)
      const { snapshot, warnings, polluted, record } = await page.evaluate(
        async (name) => ({
          snapshot: await auth.start(),
          warnings: globalThis.warnings,
          polluted: 'issuer' in {} || 'v' in {},
          record: localStorage.getItem(name) ?? '',
        }),
        key,
      )
      expect.soft(snapshot, what).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
      expect.soft(warnings[0], what).toEqual({ code: 'storage_corrupt', reason: 'corrupt' })
      expect.soft(polluted, what).toBe(false)
      expect.soft(requestsOf(pair), what).toEqual(expect.arrayContaining([...ONE_RENEWAL]))
      const mended = { v: 1, issuer: pair.issuer, clientId: 'app', sub: 'alice' }
      expect.soft(asRecord(record), what).toMatchObject(mended)
    })
  }
})

// covers fault:storage-newer-version
test('leaves the record of a newer version alone, and works without it', async ({
  page,
  pair,
  addSession,
}) => {
  await addSession()
  await page.goto('/')
  const newer = JSON.stringify({ v: 2, issuer: pair.issuer, something: 'new' })
  const key = RECORD_KEY(pair)
  await page.evaluate(([name, value]) => localStorage.setItem(name, value), [key, newer] as const)
  await page.evaluate(createClientWithStorage, {
    issuer: pair.issuer,
    kind: 'localStorage' as const,
  })
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  expect(await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))).toMatch(/^ey/)
  expect(await page.evaluate((name) => localStorage.getItem(name), key)).toBe(newer)
})

// covers threat:other-tab fault:storage-other-keys
test('touches no key of the app or of another client', async ({ page, pair, addSession }) => {
  await addSession()
  await page.goto('/')
  const others = { cart: '[3]', [`${RECORD_KEY(pair)}-2`]: 'x', 'sotto:session': 'y' }
  await page.evaluate((all) => Object.assign(localStorage, all), others)
  await page.evaluate(createClientWithStorage, {
    issuer: pair.issuer,
    kind: 'localStorage' as const,
  })
  const left = await page.evaluate(async () => {
    await auth.start()
    await auth.logout({ localOnly: true })
    return Object.fromEntries(Object.entries(localStorage))
  })
  expect(left).toMatchObject(others)
})
