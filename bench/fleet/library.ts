// The sources of the library, loaded anew for each page, with the page's own globals.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type * as Sotto from 'sotto'

export type Library = Pick<
  typeof Sotto,
  'autoRenew' | 'createAuthClient' | 'refreshToken' | 'silentIframe' | 'webStorage'
>
/** What stands for the globals of a page, by name. */
export type PageGlobals = Readonly<Record<string, unknown>>

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Compiles the library once. Every call runs it for one page: as in browsers, pages share nothing
 * but what is in their globals.
 *
 * @param names the globals that a page brings; all others are those of Node
 */
export async function compileLibrary(
  names: readonly string[],
): Promise<(globals: PageGlobals) => Library> {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    readonly version: string
  }
  const exported = 'autoRenew, createAuthClient, refreshToken, silentIframe, webStorage'
  const { outputFiles } = await build({
    stdin: { contents: `export { ${exported} } from './src/index.ts'`, resolveDir: root },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'library',
    target: 'es2022',
    define: { SOTTO_VERSION: JSON.stringify(version) },
  })
  // Nothing but a function has parameters in the place of globals.
  // oxlint-disable-next-line typescript/no-implied-eval
  const load = new Function(...names, `${outputFiles[0]!.text}\nreturn library`) as (
    ...values: unknown[]
  ) => Library
  return (globals) => load(...names.map((name) => globals[name]))
}
