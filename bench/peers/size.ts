import { gzipSync } from 'node:zlib'
import { PLAIN_APPS } from './apps/bench-app.ts'
import { bundle } from './bundle.ts'
import { type Row, Samples } from './row.ts'

/** The same small app: it logs in and out, finishes the login, and hands out tokens. */
export async function measureSize(): Promise<Row> {
  const sizes = new Samples()
  for (const app of PLAIN_APPS) {
    if (app === 'floor') continue
    const code = await bundle(app === 'sotto' ? '../../test/size/default.js' : `size/${app}.ts`)
    sizes.add(app, gzipSync(code, { level: 9 }).length / 1000)
  }
  return sizes.toRow('Size of a login app, by esbuild, gzip', 'kB')
}
