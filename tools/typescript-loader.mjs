// Lets Node 20 run the TypeScript of the WebKit suite: `node --import ./tools/typescript-loader.mjs …`.
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { transform } from 'esbuild'

// Node loads this file twice: on the main thread to register it, on a thread of its own to run the hook.
if (isMainThread) register(import.meta.url)

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const source = await readFile(fileURLToPath(url), 'utf8')
  const { code } = await transform(source, { loader: 'ts', target: 'es2022', sourcemap: 'inline' })
  return { format: 'module', source: code, shortCircuit: true }
}
