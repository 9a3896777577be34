// For `test/size` and `bench`, which must bundle alike. Not size-limit: it cannot bundle with vite, nor
// show what leaked into a bundle.
import { build, type BuildOptions } from 'esbuild'
import { resolve } from 'node:path'
import { build as buildWithVite } from 'vite'

/** Bundles as an app's own build would, for what is measured. */
export async function bundleForApp(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
  })
  return outputFiles[0]?.text ?? ''
}

/** With the defaults of vite, as an app's own build. */
export async function bundleWithVite(entry: string): Promise<string> {
  const result = await buildWithVite({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: { sotto: resolve('dist/index.js') } },
    build: {
      write: false,
      // Part of each app that has several chunks, and not of ours.
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
  })
  const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []))
  return outputs.map((one) => ('code' in one ? one.code : '')).join('')
}
