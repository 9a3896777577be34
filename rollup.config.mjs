import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import esbuild from 'rollup-plugin-esbuild'

const { dependencies, version } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
)
const target = 'es2022'

/** Empties dist, so that a file whose source is gone does not stay in the package. */
const cleanDist = {
  name: 'clean-dist',
  buildStart: () => rmSync(new URL('dist', import.meta.url), { recursive: true, force: true }),
}

/** Takes the packages that we depend on into the bundle. */
const bundleDependencies = {
  name: 'bundle-dependencies',
  resolveId: (id) => (id in dependencies ? fileURLToPath(import.meta.resolve(id)) : null),
}

function onwarn(warning) {
  throw new Error(warning.message)
}

/**
 * One output file per module: with `"sideEffects": false` a bundler drops every module that an app does not use.
 * Types are emitted by tsc (script `build`).
 */
const modules = {
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
  plugins: [cleanDist, esbuild({ target })],
  onwarn,
}

/** One file with everything in it, for pages without a bundler: `<script src="sotto.min.js">` makes the global `sotto`. */
const scriptTag = {
  input: 'src/index.ts',
  output: {
    file: 'dist/sotto.min.js',
    format: 'iife',
    name: 'sotto',
    sourcemap: true,
    banner: `/*! sotto ${version} | MIT | with oauth4webapi (MIT, Filip Skokan) and idb-keyval (Apache-2.0, Jake Archibald) */`,
  },
  plugins: [bundleDependencies, esbuild({ target, minify: true })],
  onwarn,
}

export default [modules, scriptTag]
