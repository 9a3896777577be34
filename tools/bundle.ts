import { build, type BuildOptions } from 'esbuild'

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
