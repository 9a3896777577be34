import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface FileServer {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** The folder of the project. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/**
 * Serves the project's files as the plainest of servers does: a folder is its index.html, and
 * nothing else is known of routes.
 *
 * @param edit may change the text of a page, for what is different in each test
 */
export async function serveFiles(
  edit: (html: string) => string,
  wantedPort = 0,
): Promise<FileServer> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const file = join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end()
      return
    }
    const extension = extname(file)
    response.setHeader('content-type', contentTypes[extension] ?? 'application/octet-stream')
    if (extension === '.html') response.end(edit(readFileSync(file, 'utf8')))
    else createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(wantedPort, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    origin: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
