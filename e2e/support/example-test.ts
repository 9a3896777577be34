import { join } from 'node:path'
import { build } from 'vite'
import { answerOrders } from '../../examples/shared/orders-api.ts'
import { root } from '../../tools/run.ts'
import type { StaticResponse } from '../../tools/static-server.ts'
import type { Pair } from './serve.ts'
import { expect, test as base } from './signed-in.ts'

export { expect }

/** An app of `examples`. */
interface Options {
  readonly example: string
}

/** The test of the harness, in which the app is one of the examples, with its API. */
export const test = base.extend<Options>({
  example: ['', { option: true }],

  pair: async ({ pair, example }, use) => {
    await serveExample(pair, example)
    await use(pair)
  },

  page: async ({ page, pair }, use) => {
    await page.route('**/api/orders', async (route) => {
      const { authorization } = route.request().headers()
      const answer = await answerOrders(pair.issuer, authorization)
      await route.fulfill({ ...answer, contentType: 'application/json' })
    })
    await use(page)
  },
})

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' }
const ROUTES = ['/', '/callback', '/orders']

async function serveExample({ app, issuer }: Pair, example: string): Promise<void> {
  for (const [name, content] of await buildExample(example)) {
    const type = TYPES[name.split('.').at(-1) ?? '']
    if (type !== undefined) {
      app.respondWith(`/${name}`, answer(type, content))
      continue
    }
    // The script of the harness tells of every error that nobody caught.
    const first = `<script>issuer = ${JSON.stringify(issuer)}</script><script src="/boot.js"></script>`
    const html = answer('text/html', String(content).replace('<head>', `<head>${first}`))
    for (const path of ROUTES) app.respondWith(path, html)
  }
}

function answer(type: string, content: string | Uint8Array): StaticResponse {
  return {
    headers: { 'content-type': `${type}; charset=utf-8` },
    body: typeof content === 'string' ? content : Buffer.from(content),
  }
}

type Files = readonly (readonly [name: string, content: string | Uint8Array])[]
const built = new Map<string, Promise<Files>>()

/** An app as its own build makes it, with the package as npm ships it. */
function buildExample(example: string): Promise<Files> {
  const known = built.get(example)
  if (known) return known
  const files = build({
    root: join(root, 'examples', example),
    configFile: join(root, 'examples/vite.config.ts'),
    logLevel: 'silent',
    // Each test has a server of its own.
    define: { 'import.meta.env.VITE_ISSUER': 'globalThis.issuer' },
    build: { write: false },
  }).then((result) =>
    [result]
      .flat()
      .flatMap((one) => ('output' in one ? one.output : []))
      .map((file) => [file.fileName, 'code' in file ? file.code : file.source] as const),
  )
  built.set(example, files)
  return files
}
