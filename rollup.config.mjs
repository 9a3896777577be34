import { readFileSync, rmSync } from 'node:fs'
import esbuild from 'rollup-plugin-esbuild'

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

/** Empties dist, so that a file whose source is gone does not stay in the package. */
const cleanDist = {
  name: 'clean-dist',
  buildStart: () => rmSync(new URL('dist', import.meta.url), { recursive: true, force: true }),
}

/**
 * One output file per module: with `"sideEffects": false` a bundler drops every module that an app does not use.
 * Types are emitted by tsc (script `build`).
 */
export default {
  input: {
    index: 'src/index.ts',
    'testing/index': 'src/testing/index.ts',
    'testing/node': 'src/testing/node.ts',
    'testing/cli': 'src/testing/cli.ts',
  },
  external: [/^node:/, ...Object.keys(dependencies)],
  output: {
    dir: 'dist',
    format: 'es',
    preserveModules: true,
    preserveModulesRoot: 'src',
    sourcemap: true,
  },
  plugins: [cleanDist, esbuild({ target: 'es2022' })],
  onwarn(warning) {
    throw new Error(warning.message)
  },
}
