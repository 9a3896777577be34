import { gzipSync } from 'node:zlib'
import { bundleWithVite } from '../../tools/bundle.ts'
import { PLAIN_APPS } from './apps/bench-app.ts'
import { bundle } from './bundle.ts'
import { type Row, Samples } from './row.ts'

/** The same small app: it logs in and out, finishes the login, and hands out tokens. */
export async function measureSize(): Promise<Row[]> {
  const [byEsbuild, byVite] = [new Samples(), new Samples()]
  for (const app of PLAIN_APPS) {
    if (app === 'floor') continue
    const entry = app === 'sotto' ? 'test/size/default.js' : `bench/peers/size/${app}.ts`
    byEsbuild.add(app, sizeOf(await bundle(entry)))
    byVite.add(app, sizeOf(await bundleWithVite(entry)))
  }
  return [
    byEsbuild.toRow('Size of a login app, by esbuild, gzip', 'kB'),
    byVite.toRow('Size of a login app, by vite, gzip', 'kB'),
  ]
}

function sizeOf(code: string): number {
  return gzipSync(code, { level: 9 }).length / 1000
}
