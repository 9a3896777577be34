import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { build } from 'esbuild'
import type { Pair } from './serve.ts'
import { expect, test as base } from './signed-in.ts'

export { expect }

/** A page of e2e/routers. */
interface Options {
  readonly router: string
}

/** The test of the harness, in which the app is a page with a router. */
export const test = base.extend<Options>({
  router: ['', { option: true }],

  pair: async ({ pair, router }, use) => {
    const script = `globalThis.issuer = ${JSON.stringify(pair.issuer)}\n${await bundlePage(router)}`
    const headers = { 'content-type': 'text/javascript; charset=utf-8' }
    pair.app.respondWith('/app.js', { headers, body: script })
    await use(pair)
  },
})

const bundled = new Map<string, Promise<string>>()

/** A page as an app's bundler would deliver it, with the package as npm ships it. */
function bundlePage(router: string): Promise<string> {
  const known = bundled.get(router)
  if (known) return known
  const folder = new URL('../routers/', import.meta.url)
  const built = build({
    entryPoints: [`${fileURLToPath(folder)}${router}`],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: true,
    define: { 'process.env.NODE_ENV': '"development"', ngDevMode: 'false' },
    // In place of the project's, which resolves the package's name to its sources.
    tsconfigRaw: { compilerOptions: { jsx: 'react-jsx', experimentalDecorators: true } },
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
  bundled.set(router, built)
  return built
}

/** How often the page has left for the server's authorization endpoint. */
export function countLogins({ control }: Pair): number {
  return control
    .requests({ endpoint: 'authorize' })
    .filter(({ secFetchDest }) => secFetchDest === 'document').length
}

/**
 * Opens the guarded route, and goes back to another address while the guard waits for the answer of
 * the hidden frame, which says that nobody is signed in.
 */
export async function leaveWaitingGuard(page: Page, { control }: Pair, home = '/'): Promise<void> {
  control.setLatency({ endpoint: 'authorize', ms: 1000 })
  await page.goto('/')
  await page.getByRole('link', { name: 'Orders' }).click()
  await page.evaluate((address) => {
    history.pushState(null, '', address)
    dispatchEvent(new PopStateEvent('popstate'))
  }, home)
  await page.waitForTimeout(1500)
}
