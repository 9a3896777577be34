import { build } from 'esbuild'
import { root } from '../../tools/run.ts'

/** As an app's bundler would, from the built package. */
export async function bundle(entry: string, issuer = ''): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`bench/peers/${entry}`],
    alias: { sotto: './dist/index.js' },
    define: { ISSUER: JSON.stringify(issuer) },
    tsconfigRaw: {},
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
