import { bundleForApp } from '../../tools/bundle.ts'
import { root } from '../../tools/run.ts'

/** As an app's bundler would, from the built package. */
export async function bundle(entry: string, issuer = ''): Promise<string> {
  return bundleForApp({
    absWorkingDir: root,
    entryPoints: [entry],
    alias: { sotto: './dist/index.js' },
    define: { ISSUER: JSON.stringify(issuer) },
    tsconfigRaw: {},
  })
}
