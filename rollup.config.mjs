import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import esbuild from 'rollup-plugin-esbuild'

const { dependencies, peerDependencies, version } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
)
const target = 'es2022'
const define = { SOTTO_VERSION: JSON.stringify(version) }

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

/** Its ES module is one file. */
const bundleSuffixList = {
  name: 'bundle-suffix-list',
  resolveId: (id) =>
    id === 'tldts'
      ? fileURLToPath(new URL('../index.esm.min.js', import.meta.resolve('tldts')))
      : null,
}

const MOCK = /\/testing\/cli\/sotto-mock\.ts$/

function onwarn(warning) {
  throw new Error(warning.message)
}

/** Pages that are ready to be copied: the policy of each allows its one script and nothing else. */
const PAGES = { 'silent-callback': 'Sign-in', 'front-channel-logout': 'Sign-out' }
const copyablePages = {
  name: 'copyable-pages',
  async generateBundle() {
    for (const [name, title] of Object.entries(PAGES)) {
      const { outputFiles } = await build({
        entryPoints: [`src/${name}.ts`],
        ...{ bundle: true, minify: true, format: 'iife', target, write: false },
      })
      const script = outputFiles[0].text.trim()
      const hash = createHash('sha256').update(script).digest('base64')
      const source = `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'sha256-${hash}'">
<title>${title}</title>
<p>You may close this page.</p>
<script>${script}</script>
`
      this.emitFile({ type: 'asset', fileName: `${name}.html`, source })
    }
  },
}

/**
 * One output file per module: with `sideEffects` in package.json a bundler drops every module that
 * an app does not use. Types are emitted by tsc (script `build`).
 */
const modules = {
  input: {
    index: 'src/index.ts',
    'devtools/index': 'src/devtools/index.ts',
    'explain/index': 'src/explain/index.ts',
    'dpop/index': 'src/dpop/index.ts',
    'silent-callback': 'src/silent-callback.ts',
    'front-channel-logout': 'src/front-channel-logout.ts',
    'angular/index': 'src/angular/index.ts',
    'react/index': 'src/react/index.ts',
    'svelte/index': 'src/svelte/index.ts',
    'vue/index': 'src/vue/index.ts',
    'worker/index': 'src/worker/index.ts',
    'testing/index': 'src/testing/index.ts',
    'testing/node': 'src/testing/node.ts',
    'testing/playwright': 'src/testing/playwright.ts',
    'testing/cli/sotto-mock': 'src/testing/cli/sotto-mock.ts',
  },
  // `sotto/testing` and the bindings take the package by its name, so that there is one copy of it.
  external: [
    /^node:/,
    'sotto',
    ...Object.keys(dependencies),
    ...Object.keys(peerDependencies).map((name) => new RegExp(`^${name}(/|$)`)),
  ],
  output: {
    dir: 'dist',
    format: 'es',
    preserveModules: true,
    preserveModulesRoot: 'src',
    sourcemap: true,
  },
  plugins: [cleanDist, esbuild({ target, define }), copyablePages],
  onwarn,
}

/** The hash that a script tag names, so that the browser runs this file and no other. */
const subresourceIntegrity = {
  name: 'subresource-integrity',
  generateBundle(_options, bundle) {
    const hashes = Object.values(bundle)
      .filter(({ type }) => type === 'chunk')
      .map(({ fileName, code }) => [
        fileName,
        `sha384-${createHash('sha384').update(code).digest('base64')}`,
      ])
    const source = `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`
    this.emitFile({ type: 'asset', fileName: 'sri.json', source })
  },
}

/**
 * What is opt-in by an entry of its own is in the file as well. `diagnose` is not: it is for
 * development, and with its words half as large as all the rest, for every visitor of a page.
 */
const contentsOfScriptTag = {
  name: 'contents-of-script-tag',
  transform(code, id) {
    if (!id.endsWith('/src/index.ts')) return null
    const rest = code.replace(/^export \{ diagnose, .*\n/m, '')
    if (rest === code) throw new Error('src/index.ts does not export diagnose in a line of its own')
    const more = ['dpop', 'worker'].map((room) => `export * from './${room}/index.ts'\n`)
    return { code: rest + more.join(''), map: null }
  },
}

/**
 * One file with everything else in it, for pages without a bundler: `<script src="sotto.min.js">` makes
 * the global `sotto`.
 */
const scriptTag = {
  input: 'src/index.ts',
  output: {
    file: 'dist/sotto.min.js',
    format: 'iife',
    name: 'sotto',
    sourcemap: true,
    banner: `/*! sotto ${version} | MIT | with oauth4webapi (MIT, Filip Skokan) and idb-keyval (Apache-2.0, Jake Archibald) */`,
  },
  plugins: [
    contentsOfScriptTag,
    bundleDependencies,
    esbuild({ target, define, minify: true }),
    subresourceIntegrity,
  ],
  onwarn,
}

/**
 * The script of the worker that keeps refresh tokens: a file without imports or exports, so that it
 * can be copied, and runs as a classic script and as a module.
 */
const worker = {
  input: 'src/worker/vault-worker.ts',
  output: { file: 'dist/worker/vault-worker.js', format: 'iife' },
  plugins: [esbuild({ target, define })],
  onwarn,
}

/**
 * The command `sotto`: one file for Node, with the public suffix list in it, which the package then
 * does not depend on. `sotto mock` is the file that `sotto-mock` is too.
 */
const command = {
  input: 'src/doctor/sotto.ts',
  external: [/^node:/, MOCK],
  output: {
    file: 'dist/doctor/sotto.js',
    format: 'es',
    inlineDynamicImports: false,
    paths: (id) => (MOCK.test(id) ? '../testing/cli/sotto-mock.js' : id),
    banner: '/*! with tldts (MIT, Rémi Berson and Thomas Parisot) */',
  },
  plugins: [bundleSuffixList, esbuild({ target, define })],
  onwarn,
}

export default [modules, scriptTag, worker, command]
